// Checking that bytes are UTF-8.
#pragma once

#include <cstdint>
#include <string_view>

namespace wardline::net {

/// RFC 3629 §4, as an automaton that can be fed in pieces: a message may arrive with a character cut in two.
class Utf8Check {
 public:
  /// False as soon as no continuation could make it valid.
  bool feed(std::string_view piece);
  /// True between characters.
  bool complete() const { return missing_ == 0; }

 private:
  std::uint8_t missing_ = 0;     ///< Continuation bytes still to come.
  std::uint8_t lowest_ = 0x80;   ///< Bounds of the next one: they rule out overlong forms, surrogates and
  std::uint8_t highest_ = 0xbf;  ///< what lies beyond U+10FFFF.
};

inline bool is_utf8(std::string_view text) {
  Utf8Check check;
  return check.feed(text) && check.complete();
}

}  // namespace wardline::net
