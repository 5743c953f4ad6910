#include "lib/crypto/x509/der.h"

#include <chrono>

namespace wardline::crypto::der {
namespace {

void append_length(Bytes& to, std::size_t length) {
  if (length < 0x80) {
    to.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  int octets = 1;
  while (length >> (8 * octets) != 0) ++octets;
  to.push_back(static_cast<std::uint8_t>(0x80 | octets));
  for (int i = octets - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
}

void append_digits(std::string& to, int value, int digits) {
  const std::string text = std::to_string(value);
  to.append(static_cast<std::size_t>(digits) - std::min(text.size(), static_cast<std::size_t>(digits)), '0');
  to += text;
}

}  // namespace

Bytes element(std::uint8_t tag, std::initializer_list<ByteView> content) {
  std::size_t length = 0;
  for (const ByteView part : content) length += part.size();
  Bytes out;
  out.reserve(length + 6);
  out.push_back(tag);
  append_length(out, length);
  for (const ByteView part : content) append(out, part);
  return out;
}

Bytes integer(ByteView big_endian) {
  while (!big_endian.empty() && big_endian[0] == 0) big_endian = big_endian.subspan(1);
  // A leading zero octet keeps the number from being read as negative, and is what zero itself consists of.
  static constexpr std::uint8_t kZero[] = {0};
  const bool needs_zero = big_endian.empty() || (big_endian[0] & 0x80) != 0;
  return element(0x02, {needs_zero ? ByteView(kZero) : ByteView(), big_endian});
}

Bytes bit_string(ByteView content, std::uint8_t unused) {
  return element(0x03, {ByteView(&unused, 1), content});
}

Bytes object_identifier(std::initializer_list<std::uint32_t> arcs) {
  const std::uint32_t* arc = arcs.begin();
  Bytes content = {static_cast<std::uint8_t>(arc[0] * 40 + arc[1])};
  for (arc += 2; arc != arcs.end(); ++arc) {
    for (int shift = 28; shift >= 0; shift -= 7) {
      // Base 128, high bit set on all octets but the last, no leading zero octet.
      const std::uint32_t rest = *arc >> shift;
      if (rest == 0 && shift != 0) continue;
      content.push_back(static_cast<std::uint8_t>((rest & 0x7f) | (shift == 0 ? 0 : 0x80)));
    }
  }
  return element(0x06, {content});
}

Bytes time(std::int64_t microseconds) {
  const std::chrono::sys_time<std::chrono::microseconds> instant{std::chrono::microseconds(microseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(instant - day));
  const int year = static_cast<int>(date.year());
  const bool utc_time = year >= 1950 && year < 2050;
  std::string text;
  append_digits(text, utc_time ? year % 100 : year, utc_time ? 2 : 4);
  append_digits(text, static_cast<int>(static_cast<unsigned>(date.month())), 2);
  append_digits(text, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  append_digits(text, static_cast<int>(clock.hours().count()), 2);
  append_digits(text, static_cast<int>(clock.minutes().count()), 2);
  append_digits(text, static_cast<int>(clock.seconds().count()), 2);
  text += 'Z';
  return element(utc_time ? 0x17 : 0x18, {as_bytes(text)});
}

}  // namespace wardline::crypto::der
