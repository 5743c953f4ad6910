// Hash, HMAC and HKDF (FIPS 180-4, RFC 2104, RFC 5869). Inputs of the right kind cannot fail; lengths are
// checked.
#pragma once

#include <initializer_list>
#include <memory>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"

namespace wardline::crypto {

Bytes hash(HashAlgorithm algorithm, ByteView data);
Bytes hash(HashAlgorithm algorithm,
           std::initializer_list<ByteView> parts);  ///< of all parts, one after the other
/// The same without allocating: `out` holds exactly `size_of(algorithm)` bytes. For Merkle trees and other
/// hot loops.
void hash_into(HashAlgorithm algorithm, std::initializer_list<ByteView> parts, std::span<std::uint8_t> out);
inline Bytes sha256(ByteView data) { return hash(HashAlgorithm::sha256, data); }

/// A hash that takes its input in pieces.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(ByteView data);
  /// Ends the computation; the object must not be used after.
  Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns `size_of(algorithm)` bytes. Compare with `constant_time_equal`.
Bytes hmac(HashAlgorithm algorithm, ByteView key, ByteView data);
/// The same over all parts, one after the other, into `size_of(algorithm)` bytes at `out`, which may overlap
/// a part.
void hmac_into(HashAlgorithm algorithm, ByteView key, std::initializer_list<ByteView> parts,
               std::span<std::uint8_t> out);

/// RFC 5869 §2.2. An empty salt means a string of zeros.
SecretBytes hkdf_extract(HashAlgorithm algorithm, ByteView salt, ByteView input_key_material);
SecretBytes hkdf_extract(HashAlgorithm algorithm, ByteView salt,
                         std::initializer_list<ByteView> input_key_material);
/// RFC 5869 §2.3. `length` up to 255 times the hash size, else `bad_length`.
Result<SecretBytes> hkdf_expand(HashAlgorithm algorithm, ByteView pseudo_random_key, ByteView info,
                                std::size_t length);
Result<SecretBytes> hkdf_expand(HashAlgorithm algorithm, ByteView pseudo_random_key,
                                std::initializer_list<ByteView> info, std::size_t length);

}  // namespace wardline::crypto
