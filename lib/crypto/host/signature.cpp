#include "lib/crypto/signature.h"

#include "lib/crypto/ecdsa_form.h"
#include "lib/crypto/host/imports.h"
#include "lib/crypto/random.h"

namespace wardline::crypto {
namespace {

struct Sizes {
  std::size_t private_key;
  std::size_t public_key;
  std::size_t signature;  ///< r || s for ECDSA
};

constexpr Sizes sizes_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_p256_sha256:
      return {32, 65, 64};
    case SignatureAlgorithm::ecdsa_p384_sha384:
      return {48, 97, 96};
    case SignatureAlgorithm::ecdsa_p521_sha512:
      return {66, 133, 132};
    case SignatureAlgorithm::ed25519:
      return {32, 32, 64};
    case SignatureAlgorithm::ed448:
      return {57, 57, 114};
  }
  return {};
}

std::uint32_t number(SignatureAlgorithm algorithm) { return static_cast<std::uint32_t>(algorithm); }

}  // namespace

struct VerificationKey::Parsed {};

VerificationKey::VerificationKey(SignatureAlgorithm algorithm, Bytes raw,
                                 std::shared_ptr<const Parsed> parsed)
    : algorithm_(algorithm), raw_(std::move(raw)), parsed_(std::move(parsed)) {}

Result<VerificationKey> VerificationKey::from_raw(SignatureAlgorithm algorithm, ByteView raw) {
  if (raw.size() != sizes_of(algorithm).public_key ||
      host::host_signature_is_valid(number(algorithm), raw.data()) != 1) {
    return std::unexpected(Error::bad_key);
  }
  return VerificationKey(algorithm, to_bytes(raw), nullptr);
}

Result<void> VerificationKey::verify(ByteView message, ByteView signature) const {
  Bytes joined = to_bytes(signature);
  if (const std::size_t field = ecdsa_field_size(algorithm_)) {
    auto converted = ecdsa_joined_from_der(signature, field);
    if (!converted) return std::unexpected(converted.error());
    joined = std::move(*converted);
  }
  if (joined.size() != sizes_of(algorithm_).signature ||
      host::host_verify(number(algorithm_), raw_.data(), message.data(), message.size(), joined.data()) !=
          1) {
    return std::unexpected(Error::bad_signature);
  }
  return {};
}

struct SigningKey::Parsed {
  SecretBytes raw;
};

SigningKey::SigningKey(SignatureAlgorithm algorithm, Bytes public_key, std::unique_ptr<Parsed> parsed)
    : algorithm_(algorithm), public_key_(std::move(public_key)), parsed_(std::move(parsed)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

Result<SigningKey> SigningKey::generate(SignatureAlgorithm algorithm) {
  for (int attempt = 0; attempt < 64; ++attempt) {  // See DhPrivateKey::generate.
    SecretBytes raw = random_secret(sizes_of(algorithm).private_key);
    if (algorithm == SignatureAlgorithm::ecdsa_p521_sha512) raw.writable()[0] &= 0x01;
    auto key = from_raw(algorithm, raw.view());
    if (key) return key;
  }
  return std::unexpected(Error::provider_failure);
}

Result<SigningKey> SigningKey::from_raw(SignatureAlgorithm algorithm, ByteView raw) {
  if (raw.size() != sizes_of(algorithm).private_key) return std::unexpected(Error::bad_key);
  Bytes public_key(sizes_of(algorithm).public_key);
  if (host::host_signature_public_key(number(algorithm), raw.data(), public_key.data()) != 1) {
    return std::unexpected(Error::bad_key);
  }
  return SigningKey(algorithm, std::move(public_key), std::make_unique<Parsed>(Parsed{SecretBytes(raw)}));
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  Bytes signature(sizes_of(algorithm_).signature);
  if (host::host_sign(number(algorithm_), parsed_->raw.view().data(), message.data(), message.size(),
                      signature.data()) != 1) {
    return std::unexpected(Error::provider_failure);
  }
  return ecdsa_field_size(algorithm_) != 0 ? ecdsa_der_from_joined(signature) : signature;
}

SecretBytes SigningKey::to_raw() const { return parsed_->raw.copy(); }

}  // namespace wardline::crypto
