#include "bench/mls/openssl_costs.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "lib/crypto/openssl/pkey.h"

namespace wardline::bench {
namespace {

using namespace crypto;

constexpr std::size_t kShortHash = 32;
constexpr std::size_t kLongHash = 8192;
constexpr std::size_t kShortText = 16;
constexpr std::size_t kLongText = 16384;

void must(bool succeeded) {
  if (!succeeded) std::abort();
}

template <class T, auto Free>
std::shared_ptr<T> shared(Owned<T, Free> owned) {
  must(owned != nullptr);
  return owned;
}

std::shared_ptr<EVP_PKEY> new_key(KeyType type) { return shared(generate_key(type).value()); }
std::shared_ptr<EVP_PKEY_CTX> context_of(const std::shared_ptr<EVP_PKEY>& key) {
  return shared(
      PkeyContext(EVP_PKEY_CTX_new_from_pkey(library().context, key.get(), library().properties.c_str())));
}

struct SigningProbes {
  std::function<void()> sign, verify;
};

/// Each use takes the next of several keys: a processor would learn the steps of one by heart.
template <class Item>
struct Turns {
  std::vector<Item> items;
  std::size_t used = 0;
  Item& next() { return items[used++ % items.size()]; }
};
constexpr std::size_t kKeys = 8;

struct Ecdsa {
  std::shared_ptr<EVP_PKEY_CTX> signing, verifying;
  Bytes signature;
};

SigningProbes ecdsa(KeyType type, std::size_t digest_size) {
  const Bytes digest(digest_size, 0x5a);
  Turns<Ecdsa> keys;
  for (std::size_t i = 0; i < kKeys; ++i) {
    const auto key = new_key(type);
    Ecdsa one{context_of(key), context_of(key),
              Bytes(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())))};
    std::size_t size = one.signature.size();
    must(EVP_PKEY_sign_init(one.signing.get()) == 1 && EVP_PKEY_verify_init(one.verifying.get()) == 1 &&
         EVP_PKEY_sign(one.signing.get(), one.signature.data(), &size, digest.data(), digest.size()) == 1);
    one.signature.resize(size);
    keys.items.push_back(std::move(one));
  }
  return {[=]() mutable {
            std::uint8_t out[160];
            std::size_t length = sizeof out;
            must(EVP_PKEY_sign(keys.next().signing.get(), out, &length, digest.data(), digest.size()) == 1);
          },
          [=]() mutable {
            const Ecdsa& one = keys.next();
            must(EVP_PKEY_verify(one.verifying.get(), one.signature.data(), one.signature.size(),
                                 digest.data(), digest.size()) == 1);
          }};
}

SigningProbes eddsa(KeyType type) {
  const auto key = new_key(type);
  const auto context = shared(DigestContext(EVP_MD_CTX_new()));
  const Bytes message(128, 0x5a);
  const auto sign = [=](std::uint8_t* out, std::size_t length) {
    must(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, library().context, nullptr, key.get(),
                               nullptr) == 1 &&
         EVP_DigestSign(context.get(), out, &length, message.data(), message.size()) == 1);
  };
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  sign(signature.data(), signature.size());
  return {[=] {
            std::uint8_t out[160];
            sign(out, sizeof out);
          },
          [=] {
            must(EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, library().context, nullptr,
                                         key.get(), nullptr) == 1 &&
                 EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                  message.size()) == 1);
          }};
}

std::function<void()> agreement(KeyType type) {
  const auto key = new_key(type);
  const auto context = context_of(key);
  must(EVP_PKEY_derive_init(context.get()) == 1);
  Turns<std::shared_ptr<EVP_PKEY>> peers;
  for (std::size_t i = 0; i < kKeys; ++i) peers.items.push_back(new_key(type));
  return [=]() mutable {
    std::uint8_t secret[66];
    std::size_t size = sizeof secret;
    must(EVP_PKEY_derive_set_peer_ex(context.get(), peers.next().get(), 0) == 1 &&
         EVP_PKEY_derive(context.get(), secret, &size) == 1);
    (void)key;
  };
}

bool is_curve(KeyType type) { return type <= KeyType::p521; }
const Curve& curve_of(KeyType type) { return library().curves[static_cast<std::size_t>(type)]; }

std::function<void()> generation(KeyType type) {
  const auto key = new_key(type);
  const auto context = context_of(key);
  must(EVP_PKEY_keygen_init(context.get()) == 1);
  return [=] {
    EVP_PKEY* made = nullptr;
    must(EVP_PKEY_generate(context.get(), &made) == 1);
    const PkeyPtr owner(made);
    must(!raw_public_key(type, made).empty());  // A key pair is of use once its public half can be sent.
    (void)key;
  };
}

std::function<void()> public_derivation(KeyType type) {
  const SecretBytes secret = raw_private_key(type, new_key(type).get());
  const Bytes raw = to_bytes(secret.view());
  if (!is_curve(type)) return [=] { must(parse_private_key(type, raw, {}).has_value()); };
  const EC_GROUP* group = curve_of(type).group;
  const auto scalar =
      shared(SecretBignum(BN_bin2bn(raw.data(), static_cast<int>(raw.size()), BN_secure_new())));
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  const auto point = shared(SecretPoint(EC_POINT_new(group)));
  const auto scratch = shared(BignumContext(BN_CTX_new_ex(library().context)));
  return [=] {
    std::uint8_t encoded[133];
    must(EC_POINT_mul(group, point.get(), scalar.get(), nullptr, nullptr, scratch.get()) == 1 &&
         EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof encoded,
                            scratch.get()) != 0);
  };
}

std::function<void()> public_import(KeyType type) {
  const Bytes raw = raw_public_key(type, new_key(type).get());
  return [=] { must(parse_public_key(type, raw).has_value()); };
}

std::function<void()> point_check(KeyType type) {
  if (!is_curve(type)) return [] {};
  const Bytes raw = raw_public_key(type, new_key(type).get());
  const EC_GROUP* group = curve_of(type).group;
  const auto point = shared(SecretPoint(EC_POINT_new(group)));
  const auto scratch = shared(BignumContext(BN_CTX_new_ex(library().context)));
  return [=] { must(EC_POINT_oct2point(group, point.get(), raw.data(), raw.size(), scratch.get()) == 1); };
}

std::function<void()> preparation(KeyType type, HashAlgorithm algorithm) {
  if (!is_curve(type)) return [] {};
  const auto key = new_key(type);
  const char* hash = EVP_MD_get0_name(fetched(algorithm));
  return [=] {
    const DigestContext context(EVP_MD_CTX_new());
    must(EVP_DigestVerifyInit_ex(context.get(), nullptr, hash, library().context,
                                 library().properties.c_str(), key.get(), nullptr) == 1);
  };
}

std::function<void()> private_import(KeyType type) {
  const auto key = new_key(type);
  const SecretBytes secret = raw_private_key(type, key.get());
  return [raw = to_bytes(secret.view()), public_key = raw_public_key(type, key.get()), type] {
    must(parse_private_key(type, raw, public_key).has_value());
  };
}

std::function<void()> hashing(HashAlgorithm algorithm, std::size_t size) {
  const auto context = shared(DigestContext(EVP_MD_CTX_new()));
  const Bytes text(size, 0x5a);
  return [=, hash = fetched(algorithm)] {
    std::uint8_t digest[64];
    must(EVP_DigestInit_ex2(context.get(), hash, nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), digest, nullptr) == 1);
  };
}

std::function<void()> sealing(const Suite& suite, std::size_t size) {
  const auto context = shared(CipherContext(EVP_CIPHER_CTX_new()));
  const EVP_CIPHER* cipher = library().ciphers[static_cast<std::size_t>(suite.aead) - 1];
  const Bytes key(suite.key_size, 1), nonce(suite.nonce_size, 2), text(size, 0x5a);
  const auto out = std::make_shared<Bytes>(size);
  return [=] {
    int written = 0;
    std::uint8_t tag[16];
    must(EVP_EncryptInit_ex2(context.get(), cipher, key.data(), nonce.data(), nullptr) == 1 &&
         EVP_EncryptUpdate(context.get(), out->data(), &written, text.data(),
                           static_cast<int>(text.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), tag, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1);
  };
}

void draw_random() {
  std::uint8_t out[32];
  must(RAND_priv_bytes_ex(library().context, out, sizeof out, 0) == 1);
}

// A sample is to take around a millisecond where the curve allows it.
int batch_for(KeyType type, int batch) {
  return type == KeyType::p256 || type == KeyType::x25519 ? batch : 1;
}

}  // namespace

double thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

OpensslCosts::OpensslCosts(const Suite& suite)
    : further_blocks_(static_cast<double>(kLongHash / (suite.hash == HashAlgorithm::sha256 ? 64 : 128))) {
  const KeyType signing = key_type_of(suite.signature), kem = key_type_of(suite.kem);
  const SigningProbes signatures = is_curve(signing) ? ecdsa(signing, suite.hash_size) : eddsa(signing);
  const int few = batch_for(kem, 2), more = batch_for(kem, 8);
  // In the order of Primitive; the long ones stand where the price of a block and of a byte belongs.
  probes_ = {{few, signatures.sign},
             {few, signatures.verify},
             {few, agreement(kem)},
             {few, generation(kem)},
             {more, public_derivation(kem)},
             {more, point_check(kem)},
             {more, public_import(kem)},
             {more, preparation(signing, suite.hash)},
             {few, is_curve(kem) ? private_import(kem) : public_derivation(kem)},
             {32, hashing(suite.hash, kShortHash)},
             {4, hashing(suite.hash, kLongHash)},
             {32, sealing(suite, kShortText)},
             {4, sealing(suite, kLongText)},
             {16, draw_random}};
}

void OpensslCosts::sample() {
  for (Probe& probe : probes_) {
    probe.run();  // To have its code and data in the caches.
    const double start = thread_time();
    for (int i = 0; i < probe.batch; ++i) probe.run();
    probe.nanoseconds.push_back((thread_time() - start) / probe.batch);
  }
}

double OpensslCosts::nanoseconds(const Counts& counts) const {
  std::array<double, kPrimitives> cost{};
  const auto of = [&](Primitive primitive) -> double& { return cost[static_cast<std::size_t>(primitive)]; };
  for (std::size_t i = 0; i < kPrimitives; ++i) cost[i] = median(probes_[i].nanoseconds);
  of(Primitive::hash_block) = (of(Primitive::hash_block) - of(Primitive::hash)) / further_blocks_;
  of(Primitive::cipher_byte) =
      (of(Primitive::cipher_byte) - of(Primitive::cipher)) / (kLongText - kShortText);
  // The short ones contain a block and a few bytes too, which are counted by themselves.
  of(Primitive::hash) -= of(Primitive::hash_block);
  of(Primitive::cipher) -= kShortText * of(Primitive::cipher_byte);
  double sum = 0;
  for (std::size_t i = 0; i < kPrimitives; ++i) sum += cost[i] * static_cast<double>(counts.of[i]);
  return sum;
}

}  // namespace wardline::bench
