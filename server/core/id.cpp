#include "server/core/id.h"

#include <sys/random.h>

#include <chrono>
#include <cstdlib>
#include <mutex>

namespace wardline::core {
namespace {

struct Sequence {
  std::mutex mutex;
  std::uint64_t last = 0;  // milliseconds << 12 | counter
};

// RFC 9562 §6.2 method 1: when the clock has not moved on (or went back), count on from the last value.
std::uint64_t next_tick() {
  static Sequence sequence;
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const std::lock_guard lock(sequence.mutex);
  sequence.last = std::max(sequence.last + 1, static_cast<std::uint64_t>(now.count()) << 12);
  return sequence.last;
}

}  // namespace

std::array<std::uint8_t, 16> new_uuid_v7() {
  std::array<std::uint8_t, 16> bytes{};
  if (getrandom(bytes.data() + 8, 8, 0) != 8)
    std::abort();  // Without entropy nothing we make would be unique.
  const std::uint64_t tick = next_tick();
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(tick >> (52 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (tick >> 8 & 0x0f));
  bytes[7] = static_cast<std::uint8_t>(tick);
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  return bytes;
}

}  // namespace wardline::core
