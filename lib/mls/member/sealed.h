// How state leaves memory: sealed with AES-256-GCM under a key that the application keeps, versioned, and
// bound to what it is, so that one kind of state cannot be passed off as another.
#pragma once

#include "lib/bytes/secret_bytes.h"
#include "lib/mls/public/error.h"

namespace wardline::mls {

/// The key of the application's store: 32 bytes, random or derived. `Rule::sealing_key_size` for another
/// size.
class SealingKey {
 public:
  static Result<SealingKey> create(SecretBytes key);
  static SealingKey generate();
  const SecretBytes& bytes() const { return key_; }

 private:
  explicit SealingKey(SecretBytes key) : key_(std::move(key)) {}
  SecretBytes key_;
};

enum class SealedKind : std::uint8_t { group = 1, ratchets = 2, key_package = 3, external_join = 4 };

/// Each seal uses a key of its own, derived with a random salt: the number of seals under one SealingKey has
/// no limit.
Result<Bytes> seal_state(const SealingKey& key, SealedKind kind, const SecretBytes& state);
/// `Rule::sealed_state_opens` if key, kind or content do not fit; `Rule::sealed_state_version` for a version
/// that we do not know.
Result<SecretBytes> open_state(const SealingKey& key, SealedKind kind, ByteView sealed);

}  // namespace wardline::mls
