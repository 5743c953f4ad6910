#include "lib/attachment/chunk_cipher.h"

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::attachment {

std::string_view name_of(Error error) {
  switch (error) {
    case Error::bad_key:
      return "bad key";
    case Error::wrong_key:
      return "wrong key";
    case Error::damaged:
      return "damaged";
    case Error::truncated:
      return "truncated";
    case Error::bad_length:
      return "bad length";
    case Error::too_long:
      return "too long";
    case Error::out_of_range:
      return "out of range";
    case Error::provider_failed:
      return "provider failed";
  }
  return "unknown";
}

struct ChunkCipher::Keys {
  crypto::AeadKey key;
  Bytes base_nonce;
  Bytes commitment;
};

// "Key derivation": key || base nonce || commitment = HKDF-Expand(input key, label || aead || 0x00 || salt ||
// context), with the name of the AEAD from the IANA registry.
Result<ChunkCipher::Keys> ChunkCipher::derive(ByteView key, ByteView salt, ByteView context) {
  using namespace std::string_view_literals;
  if (key.size() != kKeySize) return std::unexpected(Error::bad_key);
  const auto expanded =
      crypto::hkdf_expand(crypto::HashAlgorithm::sha512, key,
                          {as_bytes("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"sv), salt, context},
                          kKeySize + crypto::kNonceSize + kCommitmentSize);
  if (!expanded) return std::unexpected(Error::provider_failed);
  const ByteView all = expanded->view();
  auto aead = crypto::AeadKey::create(crypto::AeadAlgorithm::aes_256_gcm, all.first(kKeySize));
  if (!aead) return std::unexpected(Error::provider_failed);
  return Keys{std::move(*aead), to_bytes(all.subspan(kKeySize, crypto::kNonceSize)),
              to_bytes(all.last(kCommitmentSize))};
}

Result<ChunkCipher> ChunkCipher::create(ByteView key, ByteView context) {
  const Bytes salt = crypto::random_bytes(kSaltSize);
  auto keys = derive(key, salt, context);
  if (!keys) return std::unexpected(keys.error());
  return ChunkCipher(concat(salt, keys->commitment), std::move(keys->key), std::move(keys->base_nonce));
}

Result<ChunkCipher> ChunkCipher::resume(ByteView key, ByteView context, ByteView header) {
  if (header.size() != kHeaderSize) return std::unexpected(Error::wrong_key);
  auto keys = derive(key, header.first(kSaltSize), context);
  if (!keys) return std::unexpected(keys.error());
  // "Implementations MUST check the commitment matches the derived value before continuing."
  if (!constant_time_equal(keys->commitment, header.last(kCommitmentSize)))
    return std::unexpected(Error::wrong_key);
  return ChunkCipher(to_bytes(header), std::move(keys->key), std::move(keys->base_nonce));
}

// "AEAD usage": the base nonce XOR the chunk's number, big-endian.
Bytes ChunkCipher::nonce(std::uint64_t index) const {
  Bytes nonce = base_nonce_;
  for (std::size_t i = 0; i < 8; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(index >> (8 * i));
  return nonce;
}

Result<Bytes> ChunkCipher::seal(std::uint64_t index, ByteView plaintext) {
  if (plaintext.size() > kChunkSize) return std::unexpected(Error::bad_length);
  if (index >= kMostChunks) return std::unexpected(Error::too_long);
  auto sealed = key_.seal(nonce(index), {}, plaintext);
  if (!sealed) return std::unexpected(Error::provider_failed);
  return std::move(*sealed);
}

Result<SecretBytes> ChunkCipher::open(std::uint64_t index, ByteView sealed) {
  if (sealed.size() < kTagSize || sealed.size() > kSealedChunkSize) return std::unexpected(Error::bad_length);
  if (index >= kMostChunks) return std::unexpected(Error::too_long);
  auto opened = key_.open(nonce(index), {}, sealed);
  if (!opened) return std::unexpected(Error::damaged);
  return std::move(*opened);
}

}  // namespace wardline::attachment
