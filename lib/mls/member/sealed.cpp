#include "lib/mls/member/sealed.h"

#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/tls_codec/codec.h"

namespace wardline::mls {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSaltSize = 32;
constexpr auto kAead = crypto::AeadAlgorithm::aes_256_gcm;

struct SealedHeader {
  std::uint8_t version = kVersion;
  SealedKind kind{};
  std::array<std::uint8_t, kSaltSize> salt{};
  WARDLINE_TLS_FIELDS(version, kind, salt)
};

struct KeyAndNonce {
  SecretBytes both;
  ByteView key() const { return both.view().first(kKeySize); }
  ByteView nonce() const { return both.view().subspan(kKeySize); }
};

// The salt makes key and nonce fresh for each seal, so that a nonce derived with them is used once.
Result<KeyAndNonce> derive(const SealingKey& key, const SealedHeader& header) {
  const auto extracted = crypto::hkdf_extract(crypto::HashAlgorithm::sha256, header.salt, key.bytes().view());
  auto both = crypto::hkdf_expand(crypto::HashAlgorithm::sha256, extracted.view(),
                                  as_bytes("wardline mls state"), kKeySize + crypto::kNonceSize);
  if (!both) return broken(Rule::provider_available);
  return KeyAndNonce{std::move(*both)};
}

}  // namespace

Result<SealingKey> SealingKey::create(SecretBytes key) {
  if (key.size() != kKeySize) return broken(Rule::sealing_key_size);
  return SealingKey(std::move(key));
}

SealingKey SealingKey::generate() { return SealingKey(crypto::random_secret(kKeySize)); }

Result<Bytes> seal_state(const SealingKey& key, SealedKind kind, const SecretBytes& state) {
  SealedHeader header{.kind = kind};
  std::ranges::copy(crypto::random_bytes(kSaltSize), header.salt.begin());
  const auto derived = derive(key, header);
  if (!derived) return std::unexpected(derived.error());
  Bytes sealed = tls::encode(header);
  const auto ciphertext = crypto::aead_seal(kAead, derived->key(), derived->nonce(), sealed, state.view());
  if (!ciphertext) return broken(Rule::provider_available);
  append(sealed, *ciphertext);
  return sealed;
}

Result<SecretBytes> open_state(const SealingKey& key, SealedKind kind, ByteView sealed) {
  tls::Reader in(sealed);
  SealedHeader header;
  tls::read(in, header);
  if (!in.ok()) return broken(Rule::sealed_state_opens);
  if (header.version != kVersion) return broken(Rule::sealed_state_version);
  if (header.kind != kind) return broken(Rule::sealed_state_opens);
  const auto derived = derive(key, header);
  if (!derived) return std::unexpected(derived.error());
  auto state = crypto::aead_open(kAead, derived->key(), derived->nonce(), tls::encode(header), in.rest());
  if (!state) return broken(Rule::sealed_state_opens);
  return std::move(*state);
}

}  // namespace wardline::mls
