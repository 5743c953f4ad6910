// What can go wrong in the primitives, and the Result that all of lib/crypto returns.
#pragma once

#include <expected>
#include <string_view>

namespace wardline::crypto {

enum class Error {
  bad_key,           ///< A key that cannot be parsed, has the wrong length, or is not a point of the curve.
  bad_signature,     ///< The signature does not verify.
  open_failed,       ///< Authenticated decryption failed: wrong key, nonce, associated data or ciphertext.
  bad_length,        ///< A length that the algorithm does not have.
  unsupported,       ///< The algorithm is not available in this provider.
  bad_certificate,   ///< Not a certificate, or not one that we accept.
  provider_failure,  ///< The library refused for a reason of its own: out of memory or entropy.
};

/// A short English name, for logs and test output.
std::string_view name_of(Error error);

template <class T>
using Result = std::expected<T, Error>;

}  // namespace wardline::crypto
