#include "lib/crypto/x509/der_reader.h"

#include <chrono>

namespace wardline::crypto::der {
namespace {

std::optional<int> read_digits(ByteView text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const std::uint8_t c : text.subspan(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<std::size_t> Reader::take_length() {
  const auto next = [this] {
    const std::uint8_t byte = rest_.empty() ? 0 : rest_[0];
    if (rest_.empty()) fail();
    if (ok_) rest_ = rest_.subspan(1);
    return byte;
  };
  const std::uint8_t first = next();
  if (first < 0x80) return ok_ ? std::optional<std::size_t>(first) : std::nullopt;
  // X.690 §10.1: the definite form, in the fewest octets.
  const int octets = first & 0x7f;
  if (octets == 0 || octets > 3) return std::nullopt;
  std::size_t length = 0;
  for (int i = 0; i < octets; ++i) length = length << 8 | next();
  const bool shortest = length >= 0x80 && length >> (8 * (octets - 1)) != 0;
  return ok_ && shortest ? std::optional(length) : std::nullopt;
}

Reader::Element Reader::take_any() {
  const ByteView start = rest_;
  // Tags of more than one octet do not occur in certificates.
  if (rest_.size() < 2 || (rest_[0] & 0x1f) == 0x1f) return fail(), Element{};
  rest_ = rest_.subspan(1);
  const auto length = take_length();
  if (!length || *length > rest_.size()) return fail(), Element{};
  const ByteView content = rest_.first(*length);
  rest_ = rest_.subspan(*length);
  return {Tag{start[0]}, content, start.first(start.size() - rest_.size())};
}

Reader::Element Reader::take_whole(Tag tag) {
  if (!next_is(tag)) return fail(), Element{};
  return take_any();
}

std::optional<ByteView> Reader::take_if(Tag tag) {
  if (!next_is(tag)) return std::nullopt;
  const ByteView content = take_any().content;
  return ok_ ? std::optional(content) : std::nullopt;
}

ByteView Reader::take_unsigned() {
  const ByteView content = take(Tag::integer);
  if (content.empty() || (content[0] & 0x80) != 0) return fail(), ByteView{};
  if (content[0] != 0) return content;
  // X.690 §8.3.2: no octet that does not count. Zero is not positive.
  if (content.size() < 2 || (content[1] & 0x80) == 0) return fail(), ByteView{};
  return content.subspan(1);
}

bool Reader::take_boolean() {
  const ByteView content = take(Tag::boolean);
  if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff)) return fail(), false;
  return content[0] == 0xff;
}

ByteView Reader::take_bit_octets() {
  const ByteView content = take(Tag::bit_string);
  if (content.empty() || content[0] != 0) return fail(), ByteView{};
  return content.subspan(1);
}

ByteView Reader::take_named_bits() {
  const ByteView content = take(Tag::bit_string);
  if (content.empty() || content[0] > 7) return fail(), ByteView{};
  const ByteView octets = content.subspan(1);
  if (octets.empty()) return content[0] == 0 ? octets : (fail(), ByteView{});
  // The last bit that counts is set, and those after it are not.
  const unsigned counted = octets.back() >> content[0];
  if ((counted & 1) == 0 || (octets.back() & ((1U << content[0]) - 1)) != 0) return fail(), ByteView{};
  return octets;
}

ByteView Reader::take_object_identifier() {
  const ByteView content = take(Tag::object_identifier);
  if (content.empty() || (content.back() & 0x80) != 0) return fail(), ByteView{};
  bool begins = true;
  for (const std::uint8_t octet : content) {
    // X.690 §8.19.2: no arc begins with octets that do not count.
    if (begins && octet == 0x80) return fail(), ByteView{};
    begins = (octet & 0x80) == 0;
  }
  return content;
}

bool is_utf8(ByteView text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t lead = text[i];
    const std::size_t more = lead < 0x80   ? 0
                             : lead < 0xc2 ? 9
                             : lead < 0xe0 ? 1
                             : lead < 0xf0 ? 2
                             : lead < 0xf5 ? 3
                                           : 9;
    if (more > 3 || i + more >= text.size()) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((text[i + k] & 0xc0) != 0x80) return false;
    }
    const std::uint8_t second = more > 0 ? text[i + 1] : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

std::optional<std::int64_t> read_time(const Reader::Element& element) {
  const bool utc = element.tag == Tag::utc_time;
  if (!utc && element.tag != Tag::generalized_time) return std::nullopt;
  const ByteView text = element.content;
  const std::size_t year_digits = utc ? 2 : 4;
  if (text.size() != year_digits + 11 || text.back() != 'Z') return std::nullopt;
  const auto year = read_digits(text, 0, year_digits);
  std::optional<int> parts[5];
  for (std::size_t i = 0; i < 5; ++i) parts[i] = read_digits(text, year_digits + 2 * i, 2);
  if (!year || !parts[0] || !parts[1] || !parts[2] || !parts[3] || !parts[4]) return std::nullopt;
  // RFC 5280 §4.1.2.5.1: two digits stand for 1950 to 2049.
  const int full_year = utc ? *year + (*year < 50 ? 2000 : 1900) : *year;
  const std::chrono::year_month_day date(std::chrono::year(full_year),
                                         std::chrono::month(static_cast<unsigned>(*parts[0])),
                                         std::chrono::day(static_cast<unsigned>(*parts[1])));
  if (!date.ok() || *parts[2] > 23 || *parts[3] > 59 || *parts[4] > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + *parts[2]) * 60 + *parts[3]) * 60 + *parts[4]) * 1'000'000;
}

}  // namespace wardline::crypto::der
