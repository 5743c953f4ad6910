// Writes the part of ASN.1 DER (ITU-T X.690) that certificates need. Reading is the backend's business.
#pragma once

#include <initializer_list>
#include <string_view>

#include "lib/bytes/bytes.h"

namespace wardline::crypto::der {

/// Tag, length, and all parts of the content one after the other.
Bytes element(std::uint8_t tag, std::initializer_list<ByteView> content);

inline Bytes sequence(std::initializer_list<ByteView> content) { return element(0x30, content); }
inline Bytes set(std::initializer_list<ByteView> content) { return element(0x31, content); }
inline Bytes octet_string(ByteView content) { return element(0x04, {content}); }
inline Bytes utf8_string(std::string_view text) { return element(0x0c, {as_bytes(text)}); }
inline Bytes true_value() { return {0x01, 0x01, 0xff}; }

/// [number] around a constructed value.
inline Bytes explicit_context(std::uint8_t number, ByteView content) {
  return element(static_cast<std::uint8_t>(0xa0 | number), {content});
}
/// [number] in place of the tag of a primitive value.
inline Bytes implicit_context(std::uint8_t number, ByteView content) {
  return element(static_cast<std::uint8_t>(0x80 | number), {content});
}

/// A non-negative integer from its big-endian bytes, in the shortest form.
Bytes integer(ByteView big_endian);
/// `unused` is the number of bits at the end that do not count.
Bytes bit_string(ByteView content, std::uint8_t unused = 0);
Bytes object_identifier(std::initializer_list<std::uint32_t> arcs);
/// RFC 5280 §4.1.2.5: UTCTime through the year 2049, GeneralizedTime after. Microseconds since 1970 UTC, cut
/// to the second.
Bytes time(std::int64_t microseconds);

}  // namespace wardline::crypto::der
