// The operator's log: one JSON object per line on standard error. What can be logged is decided by type, so
// that neither PHI nor message content can get there (AUD-3): typed ids, numbers, enums' names and texts
// fixed at compile time.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/id.h"

namespace wardline::core::log {

enum class Level { debug, info, warning, error };

/// A text that is known at compile time. Anything a user wrote cannot be one.
class Literal {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to convert.
  consteval Literal(const char* text) : text_(text) {}
  constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

/// A technical text from a library or the operating system (an errno text, an SQL state, a configured
/// address). The name is the reminder: never wrap anything that came from a user or a message.
struct Technical {
  std::string_view text;
};

class Field {
 public:
  template <std::integral T>
  Field(Literal name, T value) : name_(name.view()), json_(number(static_cast<long long>(value))) {}
  Field(Literal name, double value);
  Field(Literal name, Literal value) : name_(name.view()), json_(quoted(value.view())) {}
  Field(Literal name, Technical value) : name_(name.view()), json_(quoted(value.text)) {}
  template <class Tag>
  Field(Literal name, const Id<Tag>& id) : name_(name.view()), json_(quoted(id.to_string())) {}

  std::string_view name() const { return name_; }
  const std::string& json() const { return json_; }

 private:
  static std::string number(long long value);
  static std::string quoted(std::string_view text);
  std::string_view name_;
  std::string json_;
};

/// Lines below this level are dropped. Set once at start-up.
void set_level(Level level);

void write(Level level, Literal event, std::initializer_list<Field> fields = {});
inline void info(Literal event, std::initializer_list<Field> fields = {}) {
  write(Level::info, event, fields);
}
inline void warning(Literal event, std::initializer_list<Field> fields = {}) {
  write(Level::warning, event, fields);
}
inline void error(Literal event, std::initializer_list<Field> fields = {}) {
  write(Level::error, event, fields);
}

}  // namespace wardline::core::log
