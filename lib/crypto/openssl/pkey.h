// Asymmetric keys as OpenSSL holds them, from and to the raw forms of RFC 9180 and RFC 9420.
#pragma once

#include <optional>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/owned.h"

namespace wardline::crypto {

KeyType key_type_of(KemAlgorithm kem);
KeyType key_type_of(SignatureAlgorithm signature);
/// The algorithm that a key from elsewhere signs with; none for types and curves that no suite has.
std::optional<SignatureAlgorithm> signature_algorithm_of(const EVP_PKEY* key);

/// `bad_key` for any length or form but the one of RFC 9420 §5.1.1, and for a point that is not on the curve.
Result<PkeyPtr> parse_public_key(KeyType type, ByteView raw);
/// Checks nothing: `public_key` must be what `derive_public_key` gave for `raw`.
Result<PkeyPtr> parse_private_key(KeyType type, ByteView raw, ByteView public_key);
/// `bad_key` for a length that the type does not have and for an integer outside [1, n).
Result<Bytes> derive_public_key(KeyType type, ByteView raw);
Result<PkeyPtr> generate_key(KeyType type);

/// Whether `parse_public_key` would take it; makes no key object.
bool is_public_key(KeyType type, ByteView raw);
/// ECDH on a NIST curve without key objects: the x coordinate of `scalar` times the peer's point. `bad_key`
/// as in `parse_public_key`.
Result<SecretBytes> agree_on_curve(KeyType type, ByteView scalar, ByteView peer_public_key);

/// The raw forms. Empty if the library refuses, which it does for no key that came from here.
Bytes raw_public_key(KeyType type, EVP_PKEY* key);
SecretBytes raw_private_key(KeyType type, EVP_PKEY* key);

}  // namespace wardline::crypto
