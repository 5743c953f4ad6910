// What a fuzz target is made of: a reader that turns the fuzzer's bytes into choices, and the checks that end
// the process when a property does not hold.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "lib/bytes/bytes.h"

namespace wardline::fuzz {

/// Ends the process, which libFuzzer reports together with the input.
[[noreturn]] inline void broken(const char* property, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
  std::abort();
}

/// Takes an input apart from the front, so that a mutation near the end leaves what was chosen before as it
/// was. Past the end everything is zero.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  explicit Input(ByteView bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(byte()) << 8 | byte(); }
  bool flag() { return (byte() & 1) != 0; }
  /// A number below `end`, which is not zero.
  std::size_t below(std::size_t end) { return (end <= 256 ? byte() : word()) % end; }

  ByteView take(std::size_t size) {
    const ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  /// A byte string behind its length in two bytes.
  ByteView bytes() { return take(word()); }
  ByteView rest() { return take(rest_.size()); }

 private:
  ByteView rest_;
};

/// Alters `bytes` as the input says: a byte changed, removed, inserted or doubled, the end cut off, or a
/// piece of `other` put in.
inline Bytes damaged(Bytes bytes, ByteView other, Input& input) {
  for (std::size_t times = 1 + input.below(3); times > 0; --times) {
    if (bytes.empty()) return {input.byte()};
    const std::size_t at = input.word() % bytes.size();
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (input.below(6)) {
      case 0:
        *place = static_cast<std::uint8_t>(*place ^ (1U << input.below(8)));
        break;
      case 1:
        *place = input.byte();
        break;
      case 2:
        bytes.erase(place);
        break;
      case 3:
        bytes.insert(place, input.byte());
        break;
      case 4:
        bytes.resize(at);
        break;
      default:
        if (!other.empty()) {
          const std::size_t from = input.word() % other.size();
          const ByteView piece = other.subspan(from, std::min(other.size() - from, input.below(256)));
          std::ranges::copy(piece.first(std::min(piece.size(), bytes.size() - at)), place);
        }
    }
  }
  return bytes;
}

}  // namespace wardline::fuzz

/// Ends the process unless `condition` holds. `property` is a sentence about what ought to be so.
#define FUZZ_CHECK(condition, property) \
  ((condition) ? static_cast<void>(0) : ::wardline::fuzz::broken(property, __FILE__, __LINE__))
