// What each primitive costs on this machine, so that the cost of an MLS operation can be stated as a count of
// these.
#include <benchmark/benchmark.h>

#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/hpke.h"
#include "lib/crypto/random.h"
#include "lib/crypto/signature.h"

namespace wardline::crypto {
namespace {

// The argument is the number of the cipher suite.
const Suite& suite_of(const benchmark::State& state) {
  return *find_suite(static_cast<CipherSuite>(state.range(0)));
}

const Bytes kMessage(256, 0x5a);

void sign(benchmark::State& state) {
  const SigningKey key = SigningKey::generate(suite_of(state).signature).value();
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(kMessage));
}

void verify(benchmark::State& state) {
  const SigningKey key = SigningKey::generate(suite_of(state).signature).value();
  const VerificationKey verifier =
      VerificationKey::from_raw(suite_of(state).signature, key.public_key()).value();
  const Bytes signature = key.sign(kMessage).value();
  for (auto _ : state) benchmark::DoNotOptimize(verifier.verify(kMessage, signature));
}

void parse_verification_key(benchmark::State& state) {
  const SigningKey key = SigningKey::generate(suite_of(state).signature).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(VerificationKey::from_raw(suite_of(state).signature, key.public_key()));
  }
}

void generate_kem_key(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(HpkePrivateKey::generate(suite_of(state)));
}

void derive_kem_key(benchmark::State& state) {
  const Bytes secret = random_bytes(32);
  for (auto _ : state) benchmark::DoNotOptimize(HpkePrivateKey::derive(suite_of(state), secret));
}

void agree(benchmark::State& state) {
  const DhPrivateKey key = DhPrivateKey::generate(suite_of(state).kem).value();
  const DhPrivateKey peer = DhPrivateKey::generate(suite_of(state).kem).value();
  for (auto _ : state) benchmark::DoNotOptimize(key.agree(peer.public_key()));
}

void hpke_seal_path_secret(benchmark::State& state) {
  const HpkePrivateKey key = HpkePrivateKey::generate(suite_of(state)).value();
  const Bytes secret = random_bytes(suite_of(state).hash_size);
  for (auto _ : state)
    benchmark::DoNotOptimize(hpke_seal(suite_of(state), key.public_key(), kMessage, {}, secret));
}

void hpke_open_path_secret(benchmark::State& state) {
  const HpkePrivateKey key = HpkePrivateKey::generate(suite_of(state)).value();
  const auto sealed =
      hpke_seal(suite_of(state), key.public_key(), kMessage, {}, random_bytes(suite_of(state).hash_size))
          .value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        hpke_open(suite_of(state), key, sealed.kem_output, kMessage, {}, sealed.ciphertext));
  }
}

void aead_seal_1_kib(benchmark::State& state) {
  const Suite& suite = suite_of(state);
  const Bytes key = random_bytes(suite.key_size);
  const Bytes nonce = random_bytes(suite.nonce_size);
  const Bytes text(1024);
  for (auto _ : state) benchmark::DoNotOptimize(aead_seal(suite.aead, key, nonce, kMessage, text));
}

void aead_seal_1_kib_with_kept_key(benchmark::State& state) {
  const Suite& suite = suite_of(state);
  AeadKey key = AeadKey::create(suite.aead, random_bytes(suite.key_size)).value();
  const Bytes nonce = random_bytes(suite.nonce_size);
  const Bytes text(1024);
  for (auto _ : state) benchmark::DoNotOptimize(key.seal(nonce, kMessage, text));
}

void hkdf_expand_one_block(benchmark::State& state) {
  const Suite& suite = suite_of(state);
  const Bytes key = random_bytes(suite.hash_size);
  const Bytes info(24);
  for (auto _ : state) benchmark::DoNotOptimize(hkdf_expand(suite.hash, key, info, suite.hash_size));
}

void hash_64_bytes(benchmark::State& state) {
  const Suite& suite = suite_of(state);
  std::array<std::uint8_t, 64> out{};
  const std::span digest = std::span(out).first(suite.hash_size);
  const Bytes text(64);
  for (auto _ : state) {
    hash_into(suite.hash, {text}, digest);
    benchmark::DoNotOptimize(out);
  }
}

// Suite 2 is the default and 7 what policy may choose; 1 is there to compare with.
#define WARDLINE_BENCHMARK(name) BENCHMARK(name)->ArgName("suite")->Arg(1)->Arg(2)->Arg(5)->Arg(7)
WARDLINE_BENCHMARK(sign);
WARDLINE_BENCHMARK(verify);
WARDLINE_BENCHMARK(parse_verification_key);
WARDLINE_BENCHMARK(generate_kem_key);
WARDLINE_BENCHMARK(derive_kem_key);
WARDLINE_BENCHMARK(agree);
WARDLINE_BENCHMARK(hpke_seal_path_secret);
WARDLINE_BENCHMARK(hpke_open_path_secret);
WARDLINE_BENCHMARK(aead_seal_1_kib);
WARDLINE_BENCHMARK(aead_seal_1_kib_with_kept_key);
WARDLINE_BENCHMARK(hkdf_expand_one_block);
WARDLINE_BENCHMARK(hash_64_bytes);
#undef WARDLINE_BENCHMARK

}  // namespace
}  // namespace wardline::crypto
