// A stable code such as "stale-epoch" or "P-12": the only text in an audit entry besides the names of enums.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "server/core/error.h"
#include "server/policy/decide.h"

namespace wardline::audit {

/// 1 to 40 letters, digits, dots, dashes. Made from a literal, a decision, or an error: from what the program
/// says, never from what a user wrote.
class Code {
 public:
  static constexpr std::size_t kLongest = 40;

  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to convert.
  consteval Code(const char* literal) {
    const std::string_view text(literal);
    if (!is_code(text)) throw "a code has 1 to 40 letters, digits, dots and dashes";  // Stops the compiler.
    assign(text);
  }
  static Code of(const core::Error& error) { return from_program(error.code); }
  static Code of(const policy::Decision& decision) { return from_program(decision.code); }
  /// The rule that decided; nothing where none spoke.
  static std::optional<Code> rule_of(const policy::Decision& decision);
  /// As read back from a log; nothing for what is no code.
  static std::optional<Code> parse(std::string_view text);

  std::string_view view() const { return {text_.data(), size_}; }
  bool operator==(const Code&) const = default;

 private:
  Code() = default;
  static Code from_program(std::string_view text);
  static constexpr bool is_code(std::string_view text) {
    if (text.empty() || text.size() > kLongest) return false;
    for (const char c : text) {
      const bool fits =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
      if (!fits) return false;
    }
    return true;
  }
  constexpr void assign(std::string_view text) {
    for (const char c : text) text_[size_++] = c;
  }

  std::array<char, kLongest> text_{};
  std::uint8_t size_ = 0;
};

}  // namespace wardline::audit
