#include "client/load/frame_reading.h"

#include <charconv>
#include <chrono>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::client {

std::string next_idempotency_id() {
  static const Bytes random = crypto::random_bytes(8);
  static std::uint64_t counter = 0;
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::uint8_t bytes[16];
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(now.count() >> (40 - 8 * i));
  const std::uint64_t count = ++counter;
  bytes[6] = static_cast<std::uint8_t>(0x70 | (count >> 40 & 0x0f));
  bytes[7] = static_cast<std::uint8_t>(count >> 32);
  bytes[8] = 0x80;
  for (int i = 0; i < 3; ++i) bytes[9 + i] = random[i];
  for (int i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(count >> (24 - 8 * i));
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

std::optional<std::int64_t> number_in(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const char* const begin = text.data() + at + name.size();
  if (std::from_chars(begin, text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace wardline::client
