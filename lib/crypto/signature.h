// Digital signatures of the MLS suites: ECDSA (DER on the wire, RFC 9420 §5.1.2) and EdDSA.
#pragma once

#include <memory>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"

namespace wardline::crypto {

/// A parsed public key. Parsing costs more than verifying some signatures: parse once and keep it.
/// Cheap to copy (the parsed key is shared and immutable) and safe to use from many threads.
class VerificationKey {
 public:
  /// `raw` as in RFC 9420 §5.1.1: an uncompressed point (0x04 || x || y) or the bytes of an EdDSA key.
  /// Compressed points are refused.
  static Result<VerificationKey> from_raw(SignatureAlgorithm algorithm, ByteView raw);

  /// `bad_signature` unless `signature` is this key's signature of `message`.
  Result<void> verify(ByteView message, ByteView signature) const;
  SignatureAlgorithm algorithm() const { return algorithm_; }
  const Bytes& raw() const { return raw_; }

 private:
  struct Parsed;
  VerificationKey(SignatureAlgorithm algorithm, Bytes raw, std::shared_ptr<const Parsed> parsed);
  SignatureAlgorithm algorithm_;
  Bytes raw_;
  std::shared_ptr<const Parsed> parsed_;  // Shared: copies of a tree share their parsed keys.
};

/// Whoever can sign: a key in memory, in the browser's WebCrypto, or in an HSM. The private key need not be
/// readable.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual SignatureAlgorithm algorithm() const = 0;
  virtual const Bytes& public_key() const = 0;  ///< raw form, as in VerificationKey
  virtual Result<Bytes> sign(ByteView message) const = 0;
};

/// A private key in memory.
class SigningKey final : public Signer {
 public:
  static Result<SigningKey> generate(SignatureAlgorithm algorithm);
  /// `raw`: a big-endian integer of the field's size for ECDSA, the seed for EdDSA.
  static Result<SigningKey> from_raw(SignatureAlgorithm algorithm, ByteView raw);
  ~SigningKey() override;
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  SignatureAlgorithm algorithm() const override { return algorithm_; }
  const Bytes& public_key() const override { return public_key_; }
  Result<Bytes> sign(ByteView message) const override;
  SecretBytes to_raw() const;

 private:
  struct Parsed;
  SigningKey(SignatureAlgorithm algorithm, Bytes public_key, std::unique_ptr<Parsed> parsed);
  SignatureAlgorithm algorithm_;
  Bytes public_key_;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace wardline::crypto
