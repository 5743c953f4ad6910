// The text of a statement: always a literal of the program, so that nothing a user wrote can become SQL.
#pragma once

#include <string_view>

namespace wardline::storage {

/// One statement, with `$1`, `$2` … for its parameters. Can only be made from a string literal:
/// prepared-statement caches use its address as their key, and it may appear in the operator's log.
class Sql {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to convert.
  consteval Sql(const char* literal) : text_(literal) {}
  constexpr std::string_view view() const { return text_; }
  constexpr const char* c_str() const { return text_.data(); }

 private:
  std::string_view text_;
};

}  // namespace wardline::storage
