#include "lib/crypto/signature.h"

#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/must.h"
#include "lib/crypto/openssl/pkey.h"

namespace wardline::crypto {
namespace {

/// Null for EdDSA, which hashes by itself.
const char* hash_name_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_p256_sha256:
      return "SHA2-256";
    case SignatureAlgorithm::ecdsa_p384_sha384:
      return "SHA2-384";
    case SignatureAlgorithm::ecdsa_p521_sha512:
      return "SHA2-512";
    case SignatureAlgorithm::ed25519:
    case SignatureAlgorithm::ed448:
      break;
  }
  return nullptr;
}

enum class Use { sign, verify };

DigestContext make_context(Use use, SignatureAlgorithm algorithm, EVP_PKEY* key) {
  DigestContext context(EVP_MD_CTX_new());
  const auto init = use == Use::sign ? EVP_DigestSignInit_ex : EVP_DigestVerifyInit_ex;
  const char* properties = library().properties.c_str();
  if (!context || init(context.get(), nullptr, hash_name_of(algorithm), library().context, properties, key,
                       nullptr) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return context;
}

/// A key with a context that is ready to start from. Copying that costs 0.3 us, setting one up costs 2.9.
/// EdDSA has none: OpenSSL 3.0 cannot copy a context without a digest.
struct PreparedKey {
  PkeyPtr key;
  DigestContext prototype;

  DigestContext start(Use use, SignatureAlgorithm algorithm) const {
    if (!prototype) return make_context(use, algorithm, key.get());
    DigestContext context(EVP_MD_CTX_new());
    must(context && EVP_MD_CTX_copy_ex(context.get(), prototype.get()) == 1);
    // The copy is used once: without this, OpenSSL would finish a copy of it and keep it.
    EVP_MD_CTX_set_flags(context.get(), EVP_MD_CTX_FLAG_FINALISE);
    return context;
  }
};

Result<PreparedKey> prepare(Use use, SignatureAlgorithm algorithm, PkeyPtr key) {
  if (hash_name_of(algorithm) == nullptr) return PreparedKey{std::move(key), nullptr};
  DigestContext prototype = make_context(use, algorithm, key.get());
  if (!prototype) return std::unexpected(Error::unsupported);
  return PreparedKey{std::move(key), std::move(prototype)};
}

}  // namespace

struct VerificationKey::Parsed : PreparedKey {};
struct SigningKey::Parsed : PreparedKey {};

VerificationKey::VerificationKey(SignatureAlgorithm algorithm, Bytes raw,
                                 std::shared_ptr<const Parsed> parsed)
    : algorithm_(algorithm), raw_(std::move(raw)), parsed_(std::move(parsed)) {}

Result<VerificationKey> VerificationKey::from_raw(SignatureAlgorithm algorithm, ByteView raw) {
  auto key = parse_public_key(key_type_of(algorithm), raw);
  if (!key) return std::unexpected(key.error());
  auto prepared = prepare(Use::verify, algorithm, std::move(*key));
  if (!prepared) return std::unexpected(prepared.error());
  auto parsed = std::make_shared<const Parsed>(Parsed{std::move(*prepared)});
  return VerificationKey(algorithm, to_bytes(raw), std::move(parsed));
}

Result<void> VerificationKey::verify(ByteView message, ByteView signature) const {
  const DigestContext context = parsed_->start(Use::verify, algorithm_);
  if (!context) return std::unexpected(Error::provider_failure);
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) !=
      1) {
    return refused(Error::bad_signature);
  }
  return {};
}

SigningKey::SigningKey(SignatureAlgorithm algorithm, Bytes public_key, std::unique_ptr<Parsed> parsed)
    : algorithm_(algorithm), public_key_(std::move(public_key)), parsed_(std::move(parsed)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

Result<SigningKey> SigningKey::generate(SignatureAlgorithm algorithm) {
  const KeyType type = key_type_of(algorithm);
  auto key = generate_key(type);
  if (!key) return std::unexpected(key.error());
  Bytes public_key = raw_public_key(type, key->get());
  if (public_key.empty()) return refused(Error::provider_failure);
  auto prepared = prepare(Use::sign, algorithm, std::move(*key));
  if (!prepared) return std::unexpected(prepared.error());
  auto parsed = std::make_unique<Parsed>(Parsed{std::move(*prepared)});
  return SigningKey(algorithm, std::move(public_key), std::move(parsed));
}

Result<SigningKey> SigningKey::from_raw(SignatureAlgorithm algorithm, ByteView raw) {
  const KeyType type = key_type_of(algorithm);
  auto public_key = derive_public_key(type, raw);
  if (!public_key) return std::unexpected(public_key.error());
  auto key = parse_private_key(type, raw, *public_key);
  if (!key) return std::unexpected(key.error());
  auto prepared = prepare(Use::sign, algorithm, std::move(*key));
  if (!prepared) return std::unexpected(prepared.error());
  auto parsed = std::make_unique<Parsed>(Parsed{std::move(*prepared)});
  return SigningKey(algorithm, std::move(*public_key), std::move(parsed));
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  const DigestContext context = parsed_->start(Use::sign, algorithm_);
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(parsed_->key.get())));
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    return refused(Error::provider_failure);
  }
  signature.resize(size);  // DER of ECDSA is shorter than its longest form most of the time.
  return signature;
}

SecretBytes SigningKey::to_raw() const {
  return raw_private_key(key_type_of(algorithm_), parsed_->key.get());
}

}  // namespace wardline::crypto
