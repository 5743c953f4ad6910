#include "lib/crypto/random.h"

#include "lib/crypto/host/imports.h"

namespace wardline::crypto {

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  host::host_random(bytes.data(), size);
  return bytes;
}

SecretBytes random_secret(std::size_t size) { return SecretBytes(random_bytes(size)); }

}  // namespace wardline::crypto
