#include "server/storage/keys/data_key.h"

#include <array>

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "server/storage/failure.h"

namespace wardline::storage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderSize = 1 + 8;

// As many nonces as are drawn at once: OpenSSL's generator takes longer for each than the sealing of a
// message.
constexpr std::size_t kNoncesDrawn = 16;

std::array<std::uint8_t, kHeaderSize> header_of(DataKeyId id) {
  std::array<std::uint8_t, kHeaderSize> header{kVersion};
  for (std::size_t i = 1; i < kHeaderSize; ++i)
    header[i] = static_cast<std::uint8_t>(id.value >> (8 * (kHeaderSize - 1 - i)));
  return header;
}

}  // namespace

core::Result<std::shared_ptr<DataKey>> DataKey::create(DataKeyId id, SecretBytes secret) {
  auto aead = crypto::AeadKey::create(crypto::AeadAlgorithm::aes_256_gcm, secret.view());
  if (!aead)
    return core::fail(core::ErrorKind::internal, "data-key-invalid", "A data key is not an AES-256 key.");
  return std::shared_ptr<DataKey>(new DataKey(id, std::move(secret), std::move(*aead)));
}

Bytes DataKey::seal(ByteView associated_data, ByteView plaintext) {
  const auto header = header_of(id_);
  const std::lock_guard guard(mutex_);
  const ByteView nonce = next_nonce();
  Bytes sealed;
  sealed.reserve(header.size() + nonce.size() + plaintext.size() + crypto::kTagSize);
  append(sealed, header);
  append(sealed, nonce);
  if (!aead_.seal_onto(sealed, nonce, concat(header, associated_data), plaintext))
    throw StorageFailure(StorageFailure::Cause::keys, "AES-256-GCM does not seal");
  return sealed;
}

// A nonce is public, and random: that it waits here in memory gives nothing away.
ByteView DataKey::next_nonce() {
  if (nonces_used_ == nonces_.size()) {
    nonces_ = crypto::random_bytes(kNoncesDrawn * crypto::kNonceSize);
    nonces_used_ = 0;
  }
  const ByteView nonce = ByteView(nonces_).subspan(nonces_used_, crypto::kNonceSize);
  nonces_used_ += crypto::kNonceSize;
  return nonce;
}

core::Result<SecretBytes> DataKey::open(ByteView associated_data, ByteView sealed) {
  if (id_of(sealed) == id_) {
    const ByteView header = sealed.first(kHeaderSize);
    const ByteView nonce = sealed.subspan(kHeaderSize, crypto::kNonceSize);
    const std::lock_guard guard(mutex_);
    auto plaintext =
        aead_.open(nonce, concat(header, associated_data), sealed.subspan(kHeaderSize + crypto::kNonceSize));
    if (plaintext) return std::move(*plaintext);
  }
  return core::fail(core::ErrorKind::internal, "sealed-value-damaged",
                    "A stored value was altered or moved, and does not open. Restore it from a backup.");
}

Bytes DataKey::keyed_hash(std::string_view label, ByteView data) const {
  const auto key = crypto::hkdf_expand(crypto::HashAlgorithm::sha256, secret_.view(), as_bytes(label), 32);
  if (!key) throw StorageFailure(StorageFailure::Cause::keys, "HKDF does not expand");
  return crypto::hmac(crypto::HashAlgorithm::sha256, key->view(), data);
}

std::optional<DataKeyId> DataKey::id_of(ByteView sealed) {
  if (sealed.size() < kHeaderSize + crypto::kNonceSize + crypto::kTagSize || sealed[0] != kVersion)
    return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 1; i < kHeaderSize; ++i) value = value << 8 | sealed[i];
  return DataKeyId{static_cast<std::int64_t>(value)};
}

}  // namespace wardline::storage
