#include "lib/crypto/diffie_hellman.h"

#include <atomic>

#include "lib/crypto/openssl/pkey.h"

namespace wardline::crypto {

/// The scalar is enough for the public key, for `to_raw` and, on a NIST curve, for agreeing. OpenSSL's key
/// object costs more to build than all of these, so it is built only if it is needed.
struct DhPrivateKey::Parsed {
  KeyType type;
  SecretBytes raw;
  mutable std::atomic<EVP_PKEY*> key{nullptr};

  Parsed(KeyType key_type, SecretBytes raw_key, EVP_PKEY* parsed)
      : type(key_type), raw(std::move(raw_key)), key(parsed) {}
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  ~Parsed() { EVP_PKEY_free(key.load()); }

  EVP_PKEY* get(ByteView public_key) const {
    EVP_PKEY* current = key.load(std::memory_order_acquire);
    if (current != nullptr) return current;
    auto made = parse_private_key(type, raw.view(), public_key);
    if (!made) return nullptr;
    // If another thread was first, its object is kept.
    if (key.compare_exchange_strong(current, made->get(), std::memory_order_acq_rel)) return made->release();
    return current;
  }
};

DhPrivateKey::DhPrivateKey(Bytes public_key, std::unique_ptr<Parsed> parsed)
    : public_key_(std::move(public_key)), parsed_(std::move(parsed)) {}
DhPrivateKey::~DhPrivateKey() = default;
DhPrivateKey::DhPrivateKey(DhPrivateKey&&) noexcept = default;
DhPrivateKey& DhPrivateKey::operator=(DhPrivateKey&&) noexcept = default;

Result<DhPrivateKey> DhPrivateKey::generate(KemAlgorithm kem) {
  const KeyType type = key_type_of(kem);
  auto key = generate_key(type);
  if (!key) return std::unexpected(key.error());
  Bytes public_key = raw_public_key(type, key->get());
  SecretBytes raw = raw_private_key(type, key->get());
  if (public_key.empty() || raw.empty()) return refused(Error::provider_failure);
  return DhPrivateKey(std::move(public_key), std::make_unique<Parsed>(type, std::move(raw), key->release()));
}

Result<DhPrivateKey> DhPrivateKey::from_raw(KemAlgorithm kem, ByteView raw) {
  const KeyType type = key_type_of(kem);
  auto public_key = derive_public_key(type, raw);
  if (!public_key) return std::unexpected(public_key.error());
  if (public_key->empty()) return refused(Error::provider_failure);
  return DhPrivateKey(std::move(*public_key), std::make_unique<Parsed>(type, SecretBytes(raw), nullptr));
}

DhPrivateKey DhPrivateKey::copy() const {
  EVP_PKEY* key = parsed_->key.load(std::memory_order_acquire);
  if (key != nullptr) EVP_PKEY_up_ref(key);  // Immutable, so copies share it.
  return {public_key_, std::make_unique<Parsed>(parsed_->type, parsed_->raw.copy(), key)};
}

SecretBytes DhPrivateKey::to_raw() const { return parsed_->raw.copy(); }

Result<SecretBytes> DhPrivateKey::agree(ByteView peer_public_key) const {
  // The same multiplication as in EVP_PKEY_derive, without the key objects around it, which take 15 us of 80
  // and 40 more for a key that comes from storage or from a path secret. Where the configuration wants every
  // algorithm out of a named provider, it comes from there.
  const bool on_curve = parsed_->type <= KeyType::p521;
  if (on_curve && !library().restricted) {
    return agree_on_curve(parsed_->type, parsed_->raw.view(), peer_public_key);
  }
  const auto peer = parse_public_key(parsed_->type, peer_public_key);
  if (!peer) return std::unexpected(peer.error());
  EVP_PKEY* key = parsed_->get(public_key_);
  if (key == nullptr) return refused(Error::provider_failure);
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(library().context, key, library().properties.c_str()));
  // Without OpenSSL's own validation of the peer: parsing has checked that the point is on the curve, which
  // has no cofactor, and multiplying it by the order once more would double the cost of the whole operation.
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer->get(), 0) != 1) {
    return refused(Error::provider_failure);
  }
  SecretBytes shared(parsed_->raw.size());
  std::size_t size = shared.size();
  // RFC 9180 §7.1.4: OpenSSL refuses the all-zero result of X25519 and X448, and the point at infinity.
  if (EVP_PKEY_derive(context.get(), shared.writable().data(), &size) != 1 || size != shared.size()) {
    return refused(Error::bad_key);
  }
  return shared;
}

bool is_valid_dh_public_key(KemAlgorithm kem, ByteView raw) { return is_public_key(key_type_of(kem), raw); }

}  // namespace wardline::crypto
