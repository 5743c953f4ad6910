// Where the keys that wrap data keys live: a local file, or an HSM. Bulk data never goes there.
#pragma once

#include <string>

#include "lib/bytes/secret_bytes.h"
#include "server/core/error.h"

namespace wardline::storage {

struct WrappedKey {
  std::string wrapping_key;  ///< Which key of the KMS it was wrapped with.
  Bytes bytes;
};

/// Safe for use from many threads.
class Kms {
 public:
  virtual ~Kms() = default;

  /// The key that wrap() uses now. Another one after a rotation; older ones still unwrap.
  virtual std::string current_key() const = 0;
  /// `context` is bound to the result: unwrapping needs the same.
  virtual core::Result<WrappedKey> wrap(const SecretBytes& key, ByteView context) = 0;
  /// Errors: "wrong-kms-key" (wrapped with a key that is not here), "kms-unwrap-failed" (altered, or another
  /// context).
  virtual core::Result<SecretBytes> unwrap(const WrappedKey& wrapped, ByteView context) = 0;
};

}  // namespace wardline::storage
