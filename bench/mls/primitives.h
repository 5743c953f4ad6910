// The primitives that MLS is made of, and how many of each this process has asked OpenSSL for. They are
// counted at OpenSSL's door: the linker puts openssl_counts.cpp between lib/crypto and the library
// (`--wrap`), so that the product has no counters in it and nothing that it calls is missed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace wardline::bench {

enum class Primitive : std::uint8_t {
  sign,
  verify,
  agree,           ///< one Diffie-Hellman: HPKE has one on either side
  generate,        ///< a key pair, with the bytes of its public half: HPKE's sender makes one
  derive_public,   ///< the public key of a known private one
  check_point,     ///< a point from its bytes, checked to be on the curve
  import_public,   ///< the same made into a key object
  prepare,         ///< what a key object takes before it signs or verifies for the first time
  import_private,  ///< a key object from private and public bytes
  hash,            ///< begun and finished; HMAC has two, HKDF one HMAC for each 32 bytes
  hash_block,      ///< compressions
  cipher,          ///< an AEAD call: key set, and tag made or checked
  cipher_byte,
  random,  ///< a call of the generator
};
inline constexpr std::size_t kPrimitives = 14;

struct Counts {
  std::array<std::uint64_t, kPrimitives> of{};
  std::uint64_t& operator[](Primitive primitive) { return of[static_cast<std::size_t>(primitive)]; }
  std::uint64_t operator[](Primitive primitive) const { return of[static_cast<std::size_t>(primitive)]; }
  Counts operator-(const Counts& earlier) const;
};

/// Since the process began.
const Counts& counted();

/// As a person reads it: "3 sign, 10 ECDH, 18 KiB hashed in 230".
std::string describe(const Counts& counts);

}  // namespace wardline::bench
