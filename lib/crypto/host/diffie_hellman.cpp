#include "lib/crypto/diffie_hellman.h"

#include "lib/crypto/host/imports.h"
#include "lib/crypto/random.h"

namespace wardline::crypto {
namespace {

struct Sizes {
  std::size_t private_key;
  std::size_t public_key;
  std::size_t shared;
};

// RFC 9180 §7.1, Table 2; the shared secret before the KDF is as long as the field.
constexpr Sizes sizes_of(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256:
      return {32, 65, 32};
    case KemAlgorithm::p384:
      return {48, 97, 48};
    case KemAlgorithm::p521:
      return {66, 133, 66};
    case KemAlgorithm::x25519:
      return {32, 32, 32};
    case KemAlgorithm::x448:
      return {56, 56, 56};
  }
  return {};
}

std::uint32_t number(KemAlgorithm kem) { return static_cast<std::uint32_t>(kem); }

}  // namespace

struct DhPrivateKey::Parsed {
  KemAlgorithm kem;
  SecretBytes raw;
};

DhPrivateKey::DhPrivateKey(Bytes public_key, std::unique_ptr<Parsed> parsed)
    : public_key_(std::move(public_key)), parsed_(std::move(parsed)) {}
DhPrivateKey::~DhPrivateKey() = default;
DhPrivateKey::DhPrivateKey(DhPrivateKey&&) noexcept = default;
DhPrivateKey& DhPrivateKey::operator=(DhPrivateKey&&) noexcept = default;

Result<DhPrivateKey> DhPrivateKey::generate(KemAlgorithm kem) {
  // FIPS 186-5 A.2.2: candidates are drawn until one lies in [1, n). The first one does, but for 2^-32 and
  // less.
  for (int attempt = 0; attempt < 64; ++attempt) {
    SecretBytes raw = random_secret(sizes_of(kem).private_key);
    if (kem == KemAlgorithm::p521) raw.writable()[0] &= 0x01;
    auto key = from_raw(kem, raw.view());
    if (key) return key;
  }
  return std::unexpected(Error::provider_failure);
}

Result<DhPrivateKey> DhPrivateKey::from_raw(KemAlgorithm kem, ByteView raw) {
  if (raw.size() != sizes_of(kem).private_key) return std::unexpected(Error::bad_key);
  Bytes public_key(sizes_of(kem).public_key);
  if (host::host_dh_public_key(number(kem), raw.data(), public_key.data()) != 1) {
    return std::unexpected(Error::bad_key);
  }
  return DhPrivateKey(std::move(public_key), std::make_unique<Parsed>(Parsed{kem, SecretBytes(raw)}));
}

DhPrivateKey DhPrivateKey::copy() const {
  return {public_key_, std::make_unique<Parsed>(Parsed{parsed_->kem, parsed_->raw.copy()})};
}

SecretBytes DhPrivateKey::to_raw() const { return parsed_->raw.copy(); }

Result<SecretBytes> DhPrivateKey::agree(ByteView peer_public_key) const {
  const Sizes sizes = sizes_of(parsed_->kem);
  if (peer_public_key.size() != sizes.public_key) return std::unexpected(Error::bad_key);
  SecretBytes shared(sizes.shared);
  if (host::host_dh_agree(number(parsed_->kem), parsed_->raw.view().data(), public_key_.data(),
                          peer_public_key.data(), shared.writable().data()) != 1) {
    return std::unexpected(Error::bad_key);
  }
  return shared;
}

bool is_valid_dh_public_key(KemAlgorithm kem, ByteView raw) {
  return raw.size() == sizes_of(kem).public_key && host::host_dh_is_valid(number(kem), raw.data()) == 1;
}

}  // namespace wardline::crypto
