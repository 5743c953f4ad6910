#include "lib/crypto/random.h"

#include <openssl/rand.h>

#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/must.h"

namespace wardline::crypto {

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  must(RAND_bytes_ex(library().context, bytes.data(), size, 0) == 1);
  return bytes;
}

SecretBytes random_secret(std::size_t size) {
  SecretBytes secret(size);
  // OpenSSL keeps a generator of its own for secrets, apart from the one whose output the world sees.
  must(RAND_priv_bytes_ex(library().context, secret.writable().data(), size, 0) == 1);
  return secret;
}

}  // namespace wardline::crypto
