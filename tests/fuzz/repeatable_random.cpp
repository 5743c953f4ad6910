#include "tests/fuzz/repeatable_random.h"

#include <random>

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "lib/bytes/bytes.h"
#include "lib/crypto/openssl/library.h"
#include "lib/crypto/openssl/must.h"

namespace wardline::fuzz {
namespace {

constexpr std::size_t kSupply = std::size_t{1} << 18;

Bytes made_from(std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  Bytes bytes(kSupply);
  for (std::uint8_t& each : bytes) each = static_cast<std::uint8_t>(generator());
  return bytes;
}

/// OpenSSL's own TEST-RAND gives out what it was given. Public and private generators both, or keys would
/// repeat what nonces have shown: they get different supplies.
void supply(EVP_RAND_CTX* generator, Bytes& bytes) {
  unsigned strength = 256;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
      OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, bytes.data(), bytes.size()),
      OSSL_PARAM_construct_end()};
  crypto::must(EVP_RAND_CTX_set_params(generator, parameters) == 1);
}

}  // namespace

void repeat_random_from(std::uint64_t seed) {
  OSSL_LIB_CTX* const context = crypto::library().context;
  static const bool replaced = RAND_set_DRBG_type(context, "TEST-RAND", nullptr, nullptr, nullptr) == 1;
  crypto::must(replaced);
  static std::uint64_t made_for = ~seed;
  static Bytes for_public, for_private;
  if (made_for != seed) {
    for_public = made_from(seed);
    for_private = made_from(~seed);
    made_for = seed;
  }
  supply(RAND_get0_public(context), for_public);
  supply(RAND_get0_private(context), for_private);
}

}  // namespace wardline::fuzz
