// What this process has fetched from its OpenSSL provider: each algorithm once, for all threads. Only
// lib/crypto/openssl and whoever sets up TLS contexts include this.
#pragma once

#include <array>
#include <string>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "lib/crypto/suite.h"

namespace wardline::crypto {

/// Key types by the same order as the tables in library.cpp and pkey.cpp.
enum class KeyType : std::uint8_t { p256, p384, p521, x25519, x448, ed25519, ed448 };

/// A NIST curve with what is costly to build: OpenSSL makes a group from scratch for each key unless it can
/// copy one.
struct Curve {
  EC_GROUP* group = nullptr;
  EVP_PKEY* parameters = nullptr;  ///< a key object with the group and nothing else, to duplicate
  int field_size = 0;
};

/// Immutable once made, so that threads share it without a lock. Never freed: per-thread objects may outlive
/// `main`.
struct Library {
  OSSL_LIB_CTX* context = nullptr;
  std::string properties;
  /// True when the configuration names a provider: then composite algorithms also come from it and not from
  /// here.
  bool restricted = false;
  std::array<EVP_MD*, 3> hashes{};       ///< by HashAlgorithm
  std::array<EVP_CIPHER*, 3> ciphers{};  ///< by AeadAlgorithm - 1; null where the provider has none
  std::array<EVP_MAC_CTX*, 3> hmacs{};   ///< by HashAlgorithm: unkeyed, to duplicate
  std::array<Curve, 3> curves{};         ///< by KeyType
  EVP_KDF* pbkdf2 = nullptr;
};

/// The process's library. Made on first use, with the default provider unless `use_provider` chose before;
/// ends the process if that fails. Process-wide because OpenSSL's own state is.
const Library& library();

inline EVP_MD* fetched(HashAlgorithm hash) { return library().hashes[static_cast<std::size_t>(hash)]; }

}  // namespace wardline::crypto
