// Binary data as text: hexadecimal, base64 in the standard and the URL-safe alphabet (RFC 4648), UUIDs.
#pragma once

#include <optional>

#include "lib/bytes/bytes.h"

namespace wardline {

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// Accepts both cases; nothing for an odd length or a foreign character.
std::optional<Bytes> from_hex(std::string_view text);

/// RFC 4648 §4, with padding.
std::string to_base64(ByteView bytes);
/// Accepts exactly what `to_base64` writes: padded, canonical, no white space.
std::optional<Bytes> from_base64(std::string_view text);

/// RFC 4648 §5, without padding: the form of every binary field in our JSON.
std::string to_base64url(ByteView bytes);
void append_base64url(std::string& text, ByteView bytes);
/// Accepts exactly what `to_base64url` writes.
std::optional<Bytes> from_base64url(std::string_view text);

/// RFC 9562 §4, in the lower case that everybody here writes.
bool is_uuid(std::string_view text);

}  // namespace wardline
