#include "lib/crypto/password_kdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/owned.h"

namespace wardline::crypto {

Result<SecretBytes> pbkdf2_hmac_sha256(ByteView password, ByteView salt, std::uint32_t iterations,
                                       std::size_t length) {
  if (iterations == 0 || length == 0) return std::unexpected(Error::bad_length);
  if (library().pbkdf2 == nullptr) return std::unexpected(Error::unsupported);
  static std::uint8_t empty = 0;  // OpenSSL takes a null pointer for a missing value.
  const auto pointer = [](ByteView view) {
    return view.empty() ? &empty : const_cast<std::uint8_t*>(view.data());
  };
  char hash_name[] = "SHA2-256";
  auto rounds = static_cast<unsigned int>(iterations);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash_name, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, pointer(password), password.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, pointer(salt), salt.size()),
      OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &rounds), OSSL_PARAM_construct_end()};
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context(EVP_KDF_CTX_new(library().pbkdf2));
  SecretBytes key(length);
  if (!context || EVP_KDF_derive(context.get(), key.writable().data(), length, parameters) != 1) {
    return refused(Error::provider_failure);
  }
  return key;
}

}  // namespace wardline::crypto
