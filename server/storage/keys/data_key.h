// One unwrapped data key.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "lib/crypto/aead.h"
#include "server/core/error.h"

namespace wardline::storage {

/// An id that sorts by time of creation and is, but for bad luck that the primary key notices, unique among
/// nodes.
struct DataKeyId {
  std::int64_t value = 0;
  auto operator<=>(const DataKeyId&) const = default;
};

/// AES-256-GCM under one key with random nonces: good for 2^32 values (NIST SP 800-38D §8.3). Safe for use
/// from many threads.
class DataKey {
 public:
  static core::Result<std::shared_ptr<DataKey>> create(DataKeyId id, SecretBytes secret);

  DataKeyId id() const { return id_; }
  /// version || key id || nonce || ciphertext || tag. What is bound: `associated_data` and the key id.
  Bytes seal(ByteView associated_data, ByteView plaintext);
  /// Error "sealed-value-damaged": altered, or moved from where `associated_data` says.
  core::Result<SecretBytes> open(ByteView associated_data, ByteView sealed);
  /// HMAC-SHA-256 under a key derived for `label`.
  Bytes keyed_hash(std::string_view label, ByteView data) const;

  /// The key that sealed this value; nothing if it is no sealed value.
  static std::optional<DataKeyId> id_of(ByteView sealed);

 private:
  DataKey(DataKeyId id, SecretBytes secret, crypto::AeadKey aead)
      : id_(id), secret_(std::move(secret)), aead_(std::move(aead)) {}

  /// One that no value of this key has. Valid until the next call; the caller holds `mutex_`.
  ByteView next_nonce();

  const DataKeyId id_;
  const SecretBytes secret_;
  std::mutex mutex_;
  Bytes nonces_;  ///< Drawn ahead.
  std::size_t nonces_used_ = 0;
  crypto::AeadKey aead_;
};

}  // namespace wardline::storage
