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

// Drawn for many ids at once: a system call for each would take longer than the rest of a log entry.
std::span<const std::uint8_t, 8> next_random() {
  thread_local std::array<std::uint8_t, 256> drawn;  // As much as getrandom() gives in one piece.
  thread_local std::size_t used = drawn.size();
  if (used == drawn.size()) {
    if (getrandom(drawn.data(), drawn.size(), 0) != static_cast<ssize_t>(drawn.size()))
      std::abort();  // Without entropy nothing we make would be unique.
    used = 0;
  }
  const auto random = std::span(drawn).subspan(used).first<8>();
  used += random.size();
  return random;
}

constexpr std::size_t kUuidText = 36;
constexpr bool is_dash(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// -1 for what is no digit.
constexpr std::array<int, 256> kDigitOf = [] {
  std::array<int, 256> values{};
  values.fill(-1);
  for (std::size_t digit = 0; digit < 16; ++digit) {
    values[static_cast<std::uint8_t>("0123456789abcdef"[digit])] = static_cast<int>(digit);
    values[static_cast<std::uint8_t>("0123456789ABCDEF"[digit])] = static_cast<int>(digit);
  }
  return values;
}();

}  // namespace

std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text) {
  if (text.size() != kUuidText) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t byte = 0;
  for (std::size_t at = 0; at < kUuidText; at += 2) {
    if (is_dash(at)) {
      if (text[at] != '-') return std::nullopt;
      ++at;
    }
    const int high = kDigitOf[static_cast<std::uint8_t>(text[at])];
    const int low = kDigitOf[static_cast<std::uint8_t>(text[at + 1])];
    if ((high | low) < 0) return std::nullopt;
    bytes[byte++] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

void append_uuid(std::string& text, std::span<const std::uint8_t, 16> bytes) {
  constexpr const char* kDigits =
      "0123456789abcdef";  // Plain, as `form`: a message's frame has six of these.
  const std::size_t before = text.size();
  text.resize(before + kUuidText);
  char* const form = text.data() + before;
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (is_dash(at)) form[at++] = '-';
    form[at++] = kDigits[byte >> 4u];
    form[at++] = kDigits[byte & 15];
  }
}

std::array<std::uint8_t, 16> new_uuid_v7() {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(next_random(), bytes.begin() + 8);
  const std::uint64_t tick = next_tick();
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(tick >> (52 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (tick >> 8 & 0x0f));
  bytes[7] = static_cast<std::uint8_t>(tick);
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  return bytes;
}

}  // namespace wardline::core
