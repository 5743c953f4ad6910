// What can be bound to `$1` in a statement: a typed value, or a NULL that knows its type.
#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include "lib/bytes/bytes.h"
#include "server/core/clock.h"
#include "server/core/id.h"

namespace wardline::storage {

/// A type that is stored as a byte string of its own making, such as keys/sealed_column.h's `Sealed`. It
/// reads back with `static T from_stored(Bytes)`.
template <class T>
concept StoredAsBytes = requires(const T& value) {
  { value.stored() } -> std::convertible_to<ByteView>;
};

/// One bound value. Does not own texts and byte strings: they must live until the call that takes it returns.
/// Ids are copied in. An `std::optional` without a value is NULL of its type, which PostgreSQL needs to know.
class Parameter {
 public:
  enum class Type : std::uint8_t { unknown, boolean, integer, real, text, bytes };

  // NOLINTBEGIN(google-explicit-constructor): arguments of query() are meant to convert.
  Parameter(std::nullptr_t) {}
  template <std::same_as<bool> T>
  Parameter(T value) : type_(Type::boolean), null_(false), integer_(value ? 1 : 0) {}
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Parameter(T value)
      : type_(Type::integer),
        null_(false),
        integer_(checked(std::in_range<std::int64_t>(value), static_cast<std::int64_t>(value))) {}
  Parameter(double value) : type_(Type::real), null_(false), real_(value) {}
  Parameter(core::Time value) : Parameter(value.microseconds) {}
  Parameter(std::string_view value) : type_(Type::text), null_(false), view_(as_bytes(value)) {}
  Parameter(const std::string& value) : Parameter(std::string_view(value)) {}
  Parameter(const char* value) : Parameter(std::string_view(value)) {}
  Parameter(ByteView value) : type_(Type::bytes), null_(false), view_(value) {}
  Parameter(const Bytes& value) : Parameter(ByteView(value)) {}
  template <class Tag>
  Parameter(const core::Id<Tag>& id) : type_(Type::bytes), null_(false), inline_(true) {
    std::ranges::copy(id.view(), id_.begin());
  }
  template <StoredAsBytes T>
  Parameter(const T& value) : Parameter(ByteView(value.stored())) {}
  template <class T>
  Parameter(const std::optional<T>& value)
      : Parameter(value ? Parameter(*value) : null_like(Parameter(T()))) {}
  // NOLINTEND(google-explicit-constructor)

  Type type() const { return type_; }
  bool is_null() const { return null_; }
  bool boolean() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  /// Of a text or a byte string. Lives as long as this object and what it was made from.
  ByteView view() const { return inline_ ? ByteView(id_) : view_; }

 private:
  static Parameter null_like(Parameter value) {
    value.null_ = true;
    return value;
  }
  static std::int64_t checked(bool fits, std::int64_t value);

  Type type_ = Type::unknown;
  bool null_ = true;
  bool inline_ = false;
  union {
    std::int64_t integer_ = 0;
    double real_;
    ByteView view_;
    std::array<std::uint8_t, 16> id_;
  };
};

/// The parameters of one row, for execute_many() and query_many().
using ParameterRow = std::vector<Parameter>;

/// Throws StorageFailure `invalid_text` unless `text` is UTF-8 without NUL: what both engines can hold.
void check_text(ByteView text);

}  // namespace wardline::storage
