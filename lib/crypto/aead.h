// Authenticated encryption (RFC 5116): AES-GCM and ChaCha20-Poly1305 with 12-byte nonces and 16-byte tags.
#pragma once

#include <memory>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"

namespace wardline::crypto {

inline constexpr std::size_t kNonceSize = 12;
inline constexpr std::size_t kTagSize = 16;

/// One-shot. The result is ciphertext || tag. `bad_length` for a key or nonce of the wrong size.
Result<Bytes> aead_seal(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView associated_data,
                        ByteView plaintext);
/// One-shot. `open_failed` if anything does not fit; nothing of the plaintext is given out then.
Result<SecretBytes> aead_open(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView associated_data,
                              ByteView ciphertext);

/// A key that is used many times: the schedule is set up once. Not for concurrent use.
class AeadKey {
 public:
  static Result<AeadKey> create(AeadAlgorithm algorithm, ByteView key);
  ~AeadKey();
  AeadKey(AeadKey&&) noexcept;
  AeadKey& operator=(AeadKey&&) noexcept;

  Result<Bytes> seal(ByteView nonce, ByteView associated_data, ByteView plaintext);
  /// The same, behind what is in `to` already, which must not hold `plaintext`. After an error `to` is as
  /// before.
  Result<void> seal_onto(Bytes& to, ByteView nonce, ByteView associated_data, ByteView plaintext);
  Result<SecretBytes> open(ByteView nonce, ByteView associated_data, ByteView ciphertext);

 private:
  struct State;
  explicit AeadKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wardline::crypto
