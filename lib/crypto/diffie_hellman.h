// Diffie-Hellman of the KEMs (RFC 9180 §4.1): what a backend supplies and HPKE is built on.
#pragma once

#include <memory>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"

namespace wardline::crypto {

/// A private key in memory with its public half. Safe to use from many threads. Wipes itself.
class DhPrivateKey {
 public:
  static Result<DhPrivateKey> generate(KemAlgorithm kem);
  /// `raw`: a big-endian integer in [1, n) of the field's size, or the bytes of an X25519 or X448 key; else
  /// `bad_key`.
  static Result<DhPrivateKey> from_raw(KemAlgorithm kem, ByteView raw);
  ~DhPrivateKey();
  DhPrivateKey(DhPrivateKey&&) noexcept;
  DhPrivateKey& operator=(DhPrivateKey&&) noexcept;

  DhPrivateKey copy() const;
  const Bytes& public_key() const {
    return public_key_;
  }  ///< uncompressed point, or the bytes of an X25519 or X448 key
  SecretBytes to_raw() const;
  /// The shared secret: the x coordinate, or the X25519 or X448 output. `bad_key` for a public key that is
  /// not valid and for an all-zero result.
  Result<SecretBytes> agree(ByteView peer_public_key) const;

 private:
  struct Parsed;
  DhPrivateKey(Bytes public_key, std::unique_ptr<Parsed> parsed);
  Bytes public_key_;
  std::unique_ptr<Parsed> parsed_;
};

/// RFC 9180 §7.1.4: a point on the curve, uncompressed, not infinity; for X25519 and X448 the right length.
bool is_valid_dh_public_key(KemAlgorithm kem, ByteView raw);

}  // namespace wardline::crypto
