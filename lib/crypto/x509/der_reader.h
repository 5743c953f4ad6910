// Reads ASN.1 DER (ITU-T X.690) strictly: each value has one spelling, and any other is refused. For backends
// that have no reader of their own.
#pragma once

#include <optional>

#include "lib/bytes/bytes.h"

namespace wardline::crypto::der {

enum class Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  object_identifier = 0x06,
  utf8_string = 0x0c,
  printable_string = 0x13,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  sequence = 0x30,
  set = 0x31,
};

/// [number] in place of the tag of a primitive or a constructed value.
constexpr Tag primitive_context(std::uint8_t number) { return Tag{static_cast<std::uint8_t>(0x80 | number)}; }
constexpr Tag constructed_context(std::uint8_t number) {
  return Tag{static_cast<std::uint8_t>(0xa0 | number)};
}

/// Takes elements off a view, which must outlive what is given out. The first error sticks: every `take`
/// after it is empty.
class Reader {
 public:
  explicit Reader(ByteView input) : rest_(input) {}

  struct Element {
    Tag tag{};
    ByteView content;
    ByteView whole;  ///< with tag and length
  };

  bool ok() const { return ok_; }
  /// All is read, and was well-formed.
  bool at_end() const { return ok_ && rest_.empty(); }
  /// Whether an element with this tag comes next.
  bool next_is(Tag tag) const { return ok_ && !rest_.empty() && rest_[0] == static_cast<std::uint8_t>(tag); }

  Element take_any();
  /// The content of the element that comes next, which must have this tag.
  ByteView take(Tag tag) { return take_whole(tag).content; }
  Element take_whole(Tag tag);
  /// The content if an element with this tag comes next, else nothing.
  std::optional<ByteView> take_if(Tag tag);
  /// A positive INTEGER in the shortest form: big-endian, without the zero that keeps it positive. Empty on
  /// error.
  ByteView take_unsigned();
  /// BOOLEAN: only 0x00 and 0xff.
  bool take_boolean();
  /// BIT STRING of whole octets.
  ByteView take_bit_octets();
  /// A BIT STRING whose bits have names (X.690 §11.2.2: none that is zero at its end): its octets.
  ByteView take_named_bits();
  /// The octets of an OBJECT IDENTIFIER.
  ByteView take_object_identifier();

  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::optional<std::size_t> take_length();
  ByteView rest_;
  bool ok_ = true;
};

/// Whether these octets are well-formed UTF-8 (RFC 3629): no surrogates, nothing overlong, nothing past
/// U+10FFFF.
bool is_utf8(ByteView text);

/// UTCTime or GeneralizedTime in the forms of RFC 5280 §4.1.2.5: microseconds since 1970 UTC.
std::optional<std::int64_t> read_time(const Reader::Element& element);

}  // namespace wardline::crypto::der
