// What stands between lib/crypto and OpenSSL in the benchmark: each function counts and goes on to the real
// one.
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "bench/mls/primitives.h"

namespace wardline::bench {
namespace {

Counts counts;

// The padding of FIPS 180-4 §5.1: a one bit and the length.
std::uint64_t blocks_of(const EVP_MD* hash, std::uint64_t bytes) {
  const auto block = static_cast<std::uint64_t>(EVP_MD_get_block_size(hash));
  const std::uint64_t padding = block == 64 ? 9 : 17;
  return (bytes + padding + block - 1) / block;
}

void count_hash(const EVP_MD* hash, std::uint64_t bytes) {
  ++counts[Primitive::hash];
  counts[Primitive::hash_block] += blocks_of(hash, bytes);
}

/// EdDSA hashes inside of signing: no digest is set.
void count_hash_of_signature(const EVP_MD_CTX* context, std::size_t bytes) {
  if (const EVP_MD* hash = EVP_MD_CTX_get0_md(context)) count_hash(hash, bytes);
}

/// Bytes so far of the hashes that are under way: a few contexts, each used again and again.
struct Running {
  const EVP_MD_CTX* context = nullptr;
  std::uint64_t bytes = 0;
};
std::array<Running, 16> running;
std::size_t next_running = 0;

Running& running_in(const EVP_MD_CTX* context) {
  for (Running& each : running) {
    if (each.context == context) return each;
  }
  next_running = (next_running + 1) % running.size();
  return running[next_running] = {context, 0};
}

std::string with_unit(double bytes) {
  const auto rounded = [](double value) {
    const std::string text = std::to_string(value);
    return text.substr(0, text.find('.') + (value < 10 ? 2 : 0));
  };
  if (bytes < 1024) return rounded(bytes) + " B";
  if (bytes < 1024 * 1024) return rounded(bytes / 1024) + " KiB";
  return rounded(bytes / (1024 * 1024)) + " MiB";
}

}  // namespace

const Counts& counted() { return counts; }

Counts Counts::operator-(const Counts& earlier) const {
  Counts difference;
  for (std::size_t i = 0; i < kPrimitives; ++i) difference.of[i] = of[i] - earlier.of[i];
  return difference;
}

std::string describe(const Counts& each) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  const auto add_count = [&](Primitive primitive, const char* name) {
    if (each[primitive] != 0) add(std::to_string(each[primitive]) + " " + name);
  };
  add_count(Primitive::sign, "sign");
  add_count(Primitive::verify, "verify");
  add_count(Primitive::agree, "ECDH");
  add_count(Primitive::generate, "key pair");
  add_count(Primitive::derive_public, "public key");
  add_count(Primitive::check_point, "point");
  add_count(Primitive::import_public, "key object");
  add_count(Primitive::prepare, "prepared");
  add_count(Primitive::import_private, "private import");
  add(std::to_string(each[Primitive::hash]) + " hash of " + std::to_string(each[Primitive::hash_block]) +
      " blocks");
  if (each[Primitive::cipher] != 0) {
    add(std::to_string(each[Primitive::cipher]) + " AEAD of " +
        with_unit(static_cast<double>(each[Primitive::cipher_byte])));
  }
  add_count(Primitive::random, "random");
  return text;
}

}  // namespace wardline::bench

using wardline::bench::count_hash;
using wardline::bench::count_hash_of_signature;
using wardline::bench::counts;
using wardline::bench::Primitive;
using wardline::bench::running_in;

// The names are the linker's: calls of X come to __wrap_X, and __real_X is OpenSSL's.
#define WARDLINE_WRAPS(result, name, parameters) \
  extern "C" result __real_##name parameters;    \
  extern "C" result __wrap_##name parameters;    \
  result __wrap_##name parameters

WARDLINE_WRAPS(int, EVP_DigestSign,
               (EVP_MD_CTX * context, unsigned char* signature, std::size_t* size,
                const unsigned char* message, std::size_t length)) {
  ++counts[Primitive::sign];
  count_hash_of_signature(context, length);
  return __real_EVP_DigestSign(context, signature, size, message, length);
}

WARDLINE_WRAPS(int, EVP_DigestVerify,
               (EVP_MD_CTX * context, const unsigned char* signature, std::size_t size,
                const unsigned char* message, std::size_t length)) {
  ++counts[Primitive::verify];
  count_hash_of_signature(context, length);
  return __real_EVP_DigestVerify(context, signature, size, message, length);
}

WARDLINE_WRAPS(int, EVP_PKEY_derive, (EVP_PKEY_CTX * context, unsigned char* secret, std::size_t* size)) {
  ++counts[Primitive::agree];
  return __real_EVP_PKEY_derive(context, secret, size);
}

WARDLINE_WRAPS(int, EVP_PKEY_generate, (EVP_PKEY_CTX * context, EVP_PKEY** key)) {
  ++counts[Primitive::generate];
  return __real_EVP_PKEY_generate(context, key);
}

WARDLINE_WRAPS(int, EC_POINT_mul,
               (const EC_GROUP* group, EC_POINT* result, const BIGNUM* scalar, const EC_POINT* point,
                const BIGNUM* factor, BN_CTX* scratch)) {
  ++counts[point == nullptr ? Primitive::derive_public : Primitive::agree];
  return __real_EC_POINT_mul(group, result, scalar, point, factor, scratch);
}

// Of X25519 and X448, OpenSSL computes the public key at once.
WARDLINE_WRAPS(EVP_PKEY*, EVP_PKEY_new_raw_private_key_ex,
               (OSSL_LIB_CTX * library, const char* type, const char* properties, const unsigned char* raw,
                std::size_t size)) {
  ++counts[Primitive::derive_public];
  return __real_EVP_PKEY_new_raw_private_key_ex(library, type, properties, raw, size);
}

WARDLINE_WRAPS(int, EC_POINT_oct2point,
               (const EC_GROUP* group, EC_POINT* point, const unsigned char* raw, std::size_t size,
                BN_CTX* scratch)) {
  ++counts[Primitive::check_point];
  return __real_EC_POINT_oct2point(group, point, raw, size, scratch);
}

// EdDSA has no context to keep: what it costs to start is part of its signing and verifying.
WARDLINE_WRAPS(int, EVP_DigestVerifyInit_ex,
               (EVP_MD_CTX * context, EVP_PKEY_CTX** key_context, const char* hash, OSSL_LIB_CTX* library,
                const char* properties, EVP_PKEY* key, const OSSL_PARAM* parameters)) {
  if (hash != nullptr) ++counts[Primitive::prepare];
  return __real_EVP_DigestVerifyInit_ex(context, key_context, hash, library, properties, key, parameters);
}

WARDLINE_WRAPS(int, EVP_PKEY_set1_encoded_public_key,
               (EVP_PKEY * key, const unsigned char* raw, std::size_t size)) {
  ++counts[Primitive::import_public];
  return __real_EVP_PKEY_set1_encoded_public_key(key, raw, size);
}

WARDLINE_WRAPS(EVP_PKEY*, EVP_PKEY_new_raw_public_key_ex,
               (OSSL_LIB_CTX * library, const char* type, const char* properties, const unsigned char* raw,
                std::size_t size)) {
  ++counts[Primitive::import_public];
  return __real_EVP_PKEY_new_raw_public_key_ex(library, type, properties, raw, size);
}

WARDLINE_WRAPS(int, EVP_PKEY_fromdata,
               (EVP_PKEY_CTX * context, EVP_PKEY** key, int selection, OSSL_PARAM* parameters)) {
  if (selection == EVP_PKEY_KEYPAIR) ++counts[Primitive::import_private];
  return __real_EVP_PKEY_fromdata(context, key, selection, parameters);
}

WARDLINE_WRAPS(int, EVP_DigestInit_ex2,
               (EVP_MD_CTX * context, const EVP_MD* hash, const OSSL_PARAM* parameters)) {
  running_in(context).bytes = 0;
  return __real_EVP_DigestInit_ex2(context, hash, parameters);
}

WARDLINE_WRAPS(int, EVP_DigestUpdate, (EVP_MD_CTX * context, const void* data, std::size_t size)) {
  running_in(context).bytes += size;
  return __real_EVP_DigestUpdate(context, data, size);
}

WARDLINE_WRAPS(int, EVP_DigestFinal_ex, (EVP_MD_CTX * context, unsigned char* digest, unsigned int* size)) {
  count_hash(EVP_MD_CTX_get0_md(context), running_in(context).bytes);
  return __real_EVP_DigestFinal_ex(context, digest, size);
}

WARDLINE_WRAPS(int, EVP_CipherUpdate,
               (EVP_CIPHER_CTX * context, unsigned char* out, int* written, const unsigned char* in,
                int size)) {
  counts[Primitive::cipher_byte] += static_cast<std::uint64_t>(size);
  return __real_EVP_CipherUpdate(context, out, written, in, size);
}

WARDLINE_WRAPS(int, EVP_CipherFinal_ex, (EVP_CIPHER_CTX * context, unsigned char* out, int* written)) {
  ++counts[Primitive::cipher];
  return __real_EVP_CipherFinal_ex(context, out, written);
}

WARDLINE_WRAPS(int, RAND_bytes_ex,
               (OSSL_LIB_CTX * library, unsigned char* out, std::size_t size, unsigned int strength)) {
  ++counts[Primitive::random];
  return __real_RAND_bytes_ex(library, out, size, strength);
}

WARDLINE_WRAPS(int, RAND_priv_bytes_ex,
               (OSSL_LIB_CTX * library, unsigned char* out, std::size_t size, unsigned int strength)) {
  ++counts[Primitive::random];
  return __real_RAND_priv_bytes_ex(library, out, size, strength);
}
