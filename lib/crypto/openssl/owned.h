// Owning pointers for OpenSSL objects, and the one way to give up on an operation.
#pragma once

#include <expected>
#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "lib/crypto/error.h"

namespace wardline::crypto {

template <auto Free>
struct OpensslDeleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, OpensslDeleter<Free>>;

using PkeyPtr = Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using MacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using SecretBignum = Owned<BIGNUM, BN_clear_free>;
using BignumContext = Owned<BN_CTX, BN_CTX_free>;
using SecretPoint = Owned<EC_POINT, EC_POINT_clear_free>;

/// Empties OpenSSL's error queue, which is per thread and would otherwise be read by whoever looks next, and
/// returns `error`.
inline std::unexpected<Error> refused(Error error) {
  ERR_clear_error();
  return std::unexpected(error);
}

}  // namespace wardline::crypto
