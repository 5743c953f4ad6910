// The MLS cipher suites (RFC 9420 §17.1) and what each is made of.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wardline::crypto {

enum class HashAlgorithm : std::uint8_t { sha256, sha384, sha512 };
enum class AeadAlgorithm : std::uint16_t {
  aes_128_gcm = 1,
  aes_256_gcm = 2,
  chacha20_poly1305 = 3
};  ///< RFC 9180 §7.3 ids
enum class KemAlgorithm : std::uint16_t {
  p256 = 0x0010,
  p384 = 0x0011,
  p521 = 0x0012,
  x25519 = 0x0020,
  x448 = 0x0021
};  ///< RFC 9180 §7.1 ids
enum class SignatureAlgorithm : std::uint8_t {
  ecdsa_p256_sha256,
  ecdsa_p384_sha384,
  ecdsa_p521_sha512,
  ed25519,
  ed448
};

/// IANA numbers of RFC 9420 §17.1. Values outside 1..7 occur on the wire (GREASE, private use) and have no
/// `Suite`.
enum class CipherSuite : std::uint16_t {
  x25519_aes128gcm_sha256_ed25519 = 1,
  p256_aes128gcm_sha256_p256 = 2,
  x25519_chacha20poly1305_sha256_ed25519 = 3,
  x448_aes256gcm_sha512_ed448 = 4,
  p521_aes256gcm_sha512_p521 = 5,
  x448_chacha20poly1305_sha512_ed448 = 6,
  p384_aes256gcm_sha384_p384 = 7,
};

/// The algorithms of one cipher suite and their sizes in bytes.
struct Suite {
  CipherSuite id;
  KemAlgorithm kem;
  HashAlgorithm hash;
  AeadAlgorithm aead;
  SignatureAlgorithm signature;
  std::size_t hash_size;         ///< KDF.Nh and the MAC size
  std::size_t key_size;          ///< AEAD.Nk
  std::size_t nonce_size;        ///< AEAD.Nn, 12 for all
  std::size_t kem_public_size;   ///< Npk, and Nenc
  std::size_t kem_private_size;  ///< Nsk
  std::uint16_t hpke_kdf;        ///< RFC 9180 §7.2 id of HKDF with `hash`
};

/// The suite with this number, or nullptr for one that we do not have. The pointee is static.
const Suite* find_suite(CipherSuite id);

std::size_t size_of(HashAlgorithm hash);
std::size_t key_size_of(AeadAlgorithm aead);

}  // namespace wardline::crypto
