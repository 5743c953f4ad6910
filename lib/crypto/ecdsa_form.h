// The two forms of an ECDSA signature: DER, as MLS and certificates carry it (RFC 9420 §5.1.2, RFC 5480), and
// r || s, as WebCrypto gives and takes it.
#pragma once

#include "lib/bytes/bytes.h"
#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"

namespace wardline::crypto {

/// Bytes of r and of s; 0 for EdDSA, which has one form only.
std::size_t ecdsa_field_size(SignatureAlgorithm algorithm);

/// `joined` holds two integers of the field's size.
Bytes ecdsa_der_from_joined(ByteView joined);
/// `bad_signature` for anything but DER in its one form, and for integers that are zero or longer than the
/// field.
Result<Bytes> ecdsa_joined_from_der(ByteView der, std::size_t field_size);

}  // namespace wardline::crypto
