#include "lib/bytes/text.h"

#include <array>

#include "lib/bytes/base64_blocks.h"

namespace wardline {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Reverse = std::array<std::int8_t, 256>;

constexpr Reverse reverse_of(std::string_view alphabet) {
  Reverse table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr Reverse kStandardReverse = reverse_of(kStandard);
constexpr Reverse kUrlSafeReverse = reverse_of(kUrlSafe);

// Whole groups without a branch inside, and through plain pointers, which nothing checks again at each
// character.
void encode(std::string& text, ByteView bytes, std::string_view alphabet) {
  const std::size_t before = text.size();
  text.resize(before + (bytes.size() * 8 + 5) / 6);
  char* out = text.data() + before;
  const char* const letters = alphabet.data();
  const std::size_t blocks =
      encode_base64_blocks(bytes.data(), bytes.size(), out, {alphabet[62], alphabet[63]});
  const std::uint8_t* in = bytes.data() + blocks;
  std::size_t left = bytes.size() - blocks;
  out += blocks / 3 * 4;
  for (; left >= 3; left -= 3, in += 3) {
    const std::uint32_t group = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | std::uint32_t{in[2]};
    out[0] = letters[group >> 18];
    out[1] = letters[(group >> 12) & 63];
    out[2] = letters[(group >> 6) & 63];
    out[3] = letters[group & 63];
    out += 4;
  }
  if (left == 0) return;
  const std::uint32_t group = std::uint32_t{in[0]} << 16 | (left == 2 ? std::uint32_t{in[1]} << 8 : 0u);
  out[0] = letters[group >> 18];
  out[1] = letters[(group >> 12) & 63];
  if (left == 2) out[2] = letters[(group >> 6) & 63];
}

std::optional<Bytes> decode(std::string_view text, std::string_view alphabet, const Reverse& reverse) {
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes bytes(text.size() * 6 / 8);
  const std::size_t blocks =
      decode_base64_blocks(text.data(), text.size(), bytes.data(), {alphabet[62], alphabet[63]});
  std::uint8_t* out = bytes.data() + blocks / 4 * 3;
  const char* in = text.data() + blocks;
  const std::int8_t* const values = reverse.data();
  const auto value = [values](char c) -> int { return values[static_cast<std::uint8_t>(c)]; };
  int seen = 0;  // Negative once a character was not of the alphabet.
  std::size_t left = text.size() - blocks;
  for (; left >= 4; left -= 4, in += 4, out += 3) {
    const int a = value(in[0]);
    const int b = value(in[1]);
    const int c = value(in[2]);
    const int d = value(in[3]);
    seen |= a | b | c | d;
    const auto group = static_cast<std::uint32_t>((a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63));
    out[0] = static_cast<std::uint8_t>(group >> 16);
    out[1] = static_cast<std::uint8_t>(group >> 8);
    out[2] = static_cast<std::uint8_t>(group);
  }
  if (left != 0) {
    const int a = value(in[0]);
    const int b = value(in[1]);
    const int c = left == 3 ? value(in[2]) : 0;
    seen |= a | b | c;
    // RFC 4648 §3.5: the unused bits of the last character must be zero, so that each value has one spelling.
    if ((left == 2 ? b & 15 : c & 3) != 0) return std::nullopt;
    out[0] = static_cast<std::uint8_t>((a & 63) << 2 | (b & 63) >> 4);
    if (left == 3) out[1] = static_cast<std::uint8_t>((b & 15) << 4 | (c & 63) >> 2);
  }
  if (seen < 0) return std::nullopt;
  return bytes;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return bytes;
}

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  encode(text, bytes, kStandard);
  text.append((3 - bytes.size() % 3) % 3, '=');
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with("=")) {
    text.remove_suffix(1);
  }
  return decode(text, kStandard, kStandardReverse);
}

std::string to_base64url(ByteView bytes) {
  std::string text;
  encode(text, bytes, kUrlSafe);
  return text;
}

void append_base64url(std::string& text, ByteView bytes) { encode(text, bytes, kUrlSafe); }

std::optional<Bytes> from_base64url(std::string_view text) { return decode(text, kUrlSafe, kUrlSafeReverse); }

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool is_digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (is_hyphen ? text[i] != '-' : !is_digit) return false;
  }
  return true;
}

}  // namespace wardline
