// Whether CBOR (RFC 8949) from outside may be given to a decoder that makes room for as many elements as are
// announced: libcbor 0.8, and libfido2 through it, would ask for nine gigabytes at the word of nine bytes.
#pragma once

#include "lib/bytes/bytes.h"

namespace wardline::identity {

/// True if every head is whole, no array, map or string announces more than there are bytes left, and there
/// are at most 64 arrays, maps and tags. The bytes may still be no CBOR.
bool is_cbor_bounded(ByteView bytes);

/// The same of what follows the fixed part of authenticator data (WebAuthn §6.1): the credential's key, and
/// extensions.
bool is_authenticator_data_bounded(ByteView data);

}  // namespace wardline::identity
