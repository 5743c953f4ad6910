#include "lib/crypto/suite.h"

#include <array>

namespace wardline::crypto {
namespace {

constexpr std::size_t hash_size(HashAlgorithm hash) {
  return hash == HashAlgorithm::sha256 ? 32 : hash == HashAlgorithm::sha384 ? 48 : 64;
}

constexpr std::size_t aead_key_size(AeadAlgorithm aead) {
  return aead == AeadAlgorithm::aes_128_gcm ? 16 : 32;
}

struct KemSizes {
  std::size_t public_key;
  std::size_t private_key;
};

// RFC 9180 §7.1, Table 2: Npk (equal to Nenc) and Nsk.
constexpr KemSizes kem_sizes(KemAlgorithm kem) {
  switch (kem) {
    case KemAlgorithm::p256:
      return {65, 32};
    case KemAlgorithm::p384:
      return {97, 48};
    case KemAlgorithm::p521:
      return {133, 66};
    case KemAlgorithm::x25519:
      return {32, 32};
    case KemAlgorithm::x448:
      return {56, 56};
  }
  return {};
}

constexpr Suite make(CipherSuite id, KemAlgorithm kem, HashAlgorithm hash, AeadAlgorithm aead,
                     SignatureAlgorithm signature) {
  const KemSizes sizes = kem_sizes(kem);
  // RFC 9180 §7.2, Table 3: HKDF-SHA256 is 1, HKDF-SHA384 is 2, HKDF-SHA512 is 3.
  const auto kdf = static_cast<std::uint16_t>(static_cast<int>(hash) + 1);
  return {.id = id,
          .kem = kem,
          .hash = hash,
          .aead = aead,
          .signature = signature,
          .hash_size = hash_size(hash),
          .key_size = aead_key_size(aead),
          .nonce_size = 12,
          .kem_public_size = sizes.public_key,
          .kem_private_size = sizes.private_key,
          .hpke_kdf = kdf};
}

// RFC 9420 §17.1, Table 6.
constexpr std::array kSuites = {
    make(CipherSuite::x25519_aes128gcm_sha256_ed25519, KemAlgorithm::x25519, HashAlgorithm::sha256,
         AeadAlgorithm::aes_128_gcm, SignatureAlgorithm::ed25519),
    make(CipherSuite::p256_aes128gcm_sha256_p256, KemAlgorithm::p256, HashAlgorithm::sha256,
         AeadAlgorithm::aes_128_gcm, SignatureAlgorithm::ecdsa_p256_sha256),
    make(CipherSuite::x25519_chacha20poly1305_sha256_ed25519, KemAlgorithm::x25519, HashAlgorithm::sha256,
         AeadAlgorithm::chacha20_poly1305, SignatureAlgorithm::ed25519),
    make(CipherSuite::x448_aes256gcm_sha512_ed448, KemAlgorithm::x448, HashAlgorithm::sha512,
         AeadAlgorithm::aes_256_gcm, SignatureAlgorithm::ed448),
    make(CipherSuite::p521_aes256gcm_sha512_p521, KemAlgorithm::p521, HashAlgorithm::sha512,
         AeadAlgorithm::aes_256_gcm, SignatureAlgorithm::ecdsa_p521_sha512),
    make(CipherSuite::x448_chacha20poly1305_sha512_ed448, KemAlgorithm::x448, HashAlgorithm::sha512,
         AeadAlgorithm::chacha20_poly1305, SignatureAlgorithm::ed448),
    make(CipherSuite::p384_aes256gcm_sha384_p384, KemAlgorithm::p384, HashAlgorithm::sha384,
         AeadAlgorithm::aes_256_gcm, SignatureAlgorithm::ecdsa_p384_sha384),
};

}  // namespace

const Suite* find_suite(CipherSuite id) {
  for (const Suite& suite : kSuites) {
    if (suite.id == id) return &suite;
  }
  return nullptr;
}

std::size_t size_of(HashAlgorithm hash) { return hash_size(hash); }
std::size_t key_size_of(AeadAlgorithm aead) { return aead_key_size(aead); }

}  // namespace wardline::crypto
