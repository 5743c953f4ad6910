// The text of a statement: always a literal of the program, so that nothing a user wrote can become SQL.
#pragma once

#include <cstddef>
#include <string_view>

namespace wardline::storage {

/// One statement, with `$1`, `$2` … for its parameters. Can only be made from a string literal:
/// prepared-statement caches use its address as their key, and it may appear in the operator's log.
class Sql {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to convert.
  consteval Sql(const char* literal) : text_(literal), parameters_(highest_parameter(literal)) {}
  constexpr std::string_view view() const { return text_; }
  constexpr const char* c_str() const { return text_.data(); }
  /// How many parameters it takes: the highest `$n` outside of quotes.
  constexpr std::size_t parameters() const { return parameters_; }

 private:
  static consteval std::size_t highest_parameter(std::string_view text) {
    std::size_t highest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\'') quoted = !quoted;
      if (text[i] != '$' || quoted) continue;
      std::size_t number = 0;
      for (; i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9'; ++i) {
        number = number * 10 + static_cast<std::size_t>(text[i + 1] - '0');
      }
      highest = number > highest ? number : highest;
    }
    return highest;
  }

  std::string_view text_;
  std::size_t parameters_;
};

}  // namespace wardline::storage
