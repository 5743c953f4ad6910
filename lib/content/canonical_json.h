// Canonical JSON: the one way to write a value down, so that browsers and programs agree on every byte.
// Object members in order of their names, no white space, integers only, the shortest escapes, UTF-8, nothing
// absent.
#pragma once

#include <map>
#include <optional>
#include <variant>

#include "lib/bytes/bytes.h"

namespace wardline::content {

class Value;
using Array = std::vector<Value>;
/// Names are `[a-z][a-z0-9_]*`, at most 64 characters.
using Object = std::map<std::string, Value, std::less<>>;

/// There is no null: what is absent is not written down.
class Value {
 public:
  Value(bool truth) : value_(truth) {}
  Value(std::int64_t number) : value_(number) {}
  Value(std::string text) : value_(std::move(text)) {}
  Value(const char* text) : value_(std::string(text)) {}
  Value(Array elements) : value_(std::move(elements)) {}
  Value(Object members) : value_(std::move(members)) {}

  /// Nothing if the value is of another type.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value_);
  }
  bool operator==(const Value&) const = default;

 private:
  friend bool write_value(const Value& value, std::size_t depth, std::string& out);
  std::variant<bool, std::int64_t, std::string, Array, Object> value_;
};

/// How deep arrays and objects may lie in each other.
inline constexpr std::size_t kMostDepth = 8;
/// RFC 8259 §6: integers that every reader understands alike.
inline constexpr std::int64_t kMostInteger = (1LL << 53) - 1;

/// Nothing for what has no canonical form: text that is not UTF-8, a name or a number outside the bounds
/// above.
std::optional<std::string> to_canonical_json(const Value& value);
/// Accepts exactly what `to_canonical_json` writes.
std::optional<Value> from_canonical_json(ByteView json);

}  // namespace wardline::content
