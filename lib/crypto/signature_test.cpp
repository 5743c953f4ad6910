#include "lib/crypto/signature.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::crypto {
namespace {

constexpr std::array kAll = {SignatureAlgorithm::ecdsa_p256_sha256, SignatureAlgorithm::ecdsa_p384_sha384,
                             SignatureAlgorithm::ecdsa_p521_sha512, SignatureAlgorithm::ed25519,
                             SignatureAlgorithm::ed448};

class Signatures : public testing::TestWithParam<SignatureAlgorithm> {};

TEST_P(Signatures, VerifyWithTheMatchingKeyOnly) {
  const SigningKey key = SigningKey::generate(GetParam()).value();
  const VerificationKey verifier = VerificationKey::from_raw(GetParam(), key.public_key()).value();
  const VerificationKey stranger =
      VerificationKey::from_raw(GetParam(), SigningKey::generate(GetParam())->public_key()).value();
  const Bytes signature = key.sign(as_bytes("message")).value();
  EXPECT_TRUE(verifier.verify(as_bytes("message"), signature));
  EXPECT_EQ(verifier.verify(as_bytes("massage"), signature).error(), Error::bad_signature);
  EXPECT_EQ(stranger.verify(as_bytes("message"), signature).error(), Error::bad_signature);
  EXPECT_TRUE(verifier.verify({}, key.sign({}).value()));
}

TEST_P(Signatures, AnyFlippedBitIsRefused) {
  const SigningKey key = SigningKey::generate(GetParam()).value();
  const VerificationKey verifier = VerificationKey::from_raw(GetParam(), key.public_key()).value();
  const Bytes signature = key.sign(as_bytes("message")).value();
  for (std::size_t byte = 0; byte < signature.size(); ++byte) {
    Bytes flipped = signature;
    flipped[byte] ^= static_cast<std::uint8_t>(1u << byte % 8);
    EXPECT_FALSE(verifier.verify(as_bytes("message"), flipped)) << byte;
  }
  EXPECT_FALSE(verifier.verify(as_bytes("message"), {}));
  EXPECT_FALSE(verifier.verify(as_bytes("message"), ByteView(signature).first(signature.size() - 1)));
  EXPECT_FALSE(verifier.verify(as_bytes("message"), concat(signature, Bytes{0})));
}

TEST_P(Signatures, AKeySurvivesItsRawForm) {
  const SigningKey key = SigningKey::generate(GetParam()).value();
  const SigningKey again = SigningKey::from_raw(GetParam(), key.to_raw().view()).value();
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_TRUE(equal(again.to_raw().view(), key.to_raw().view()));
  const VerificationKey verifier = VerificationKey::from_raw(GetParam(), key.public_key()).value();
  EXPECT_EQ(verifier.raw(), key.public_key());
  EXPECT_TRUE(verifier.verify(as_bytes("message"), again.sign(as_bytes("message")).value()));
}

TEST_P(Signatures, KeysOfAnotherLengthAreRefused) {
  const SigningKey key = SigningKey::generate(GetParam()).value();
  const SecretBytes raw = key.to_raw();
  for (const std::size_t size : {std::size_t{0}, raw.size() - 1, raw.size() + 1}) {
    EXPECT_EQ(SigningKey::from_raw(GetParam(), Bytes(size, 1)).error(), Error::bad_key);
  }
  const ByteView public_key = key.public_key();
  EXPECT_EQ(VerificationKey::from_raw(GetParam(), public_key.first(public_key.size() - 1)).error(),
            Error::bad_key);
  EXPECT_EQ(VerificationKey::from_raw(GetParam(), concat(public_key, Bytes{0})).error(), Error::bad_key);
  EXPECT_EQ(VerificationKey::from_raw(GetParam(), {}).error(), Error::bad_key);
}

// One key, four threads: what a server does with a member's key. Meant for ThreadSanitizer.
TEST_P(Signatures, OneKeyServesManyThreads) {
  const SigningKey key = SigningKey::generate(GetParam()).value();
  const VerificationKey verifier = VerificationKey::from_raw(GetParam(), key.public_key()).value();
  std::atomic<int> verified = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, mine = verifier, t] {
      for (int i = 0; i < 8; ++i) {
        const Bytes message = {static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(i)};
        const auto signature = key.sign(message);
        if (signature && (i % 2 == 0 ? mine : verifier).verify(message, *signature)) ++verified;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(verified, 32);
}

INSTANTIATE_TEST_SUITE_P(EveryAlgorithm, Signatures, testing::ValuesIn(kAll));

// RFC 9420 §5.1.1: public keys are uncompressed points.
TEST(VerificationKey, RefusesCompressedAndHybridPointsAndPointsOffTheCurve) {
  for (const SignatureAlgorithm algorithm :
       {SignatureAlgorithm::ecdsa_p256_sha256, SignatureAlgorithm::ecdsa_p384_sha384,
        SignatureAlgorithm::ecdsa_p521_sha512}) {
    const Bytes good = SigningKey::generate(algorithm)->public_key();
    const bool odd = (good.back() & 1) != 0;
    Bytes compressed(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2 + 1));
    compressed[0] = odd ? 3 : 2;
    Bytes hybrid = good;
    hybrid[0] = odd ? 7 : 6;
    Bytes off_curve = good;
    off_curve.back() ^= 1;
    for (const Bytes& bad : {compressed, hybrid, off_curve, Bytes{0}, Bytes(good.size(), 0)}) {
      EXPECT_EQ(VerificationKey::from_raw(algorithm, bad).error(), Error::bad_key) << to_hex(bad);
    }
  }
}

TEST(SigningKey, RefusesScalarsOutsideOfTheGroup) {
  const Bytes order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
  Bytes largest = order;
  largest.back() -= 1;
  const auto algorithm = SignatureAlgorithm::ecdsa_p256_sha256;
  EXPECT_EQ(SigningKey::from_raw(algorithm, Bytes(32, 0)).error(), Error::bad_key);
  EXPECT_EQ(SigningKey::from_raw(algorithm, order).error(), Error::bad_key);
  EXPECT_EQ(SigningKey::from_raw(algorithm, Bytes(32, 0xff)).error(), Error::bad_key);
  EXPECT_TRUE(SigningKey::from_raw(algorithm, largest));
}

TEST(SigningKey, DerivesThePublicKeyOfRfc6979AppendixA25) {
  const auto key =
      SigningKey::from_raw(SignatureAlgorithm::ecdsa_p256_sha256,
                           *from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"));
  EXPECT_EQ(to_hex(key->public_key()),
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
}

TEST(SigningKey, SignsAsInRfc8032Section71) {
  const auto key =
      SigningKey::from_raw(SignatureAlgorithm::ed25519,
                           *from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  EXPECT_EQ(to_hex(key->public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(to_hex(key->sign({}).value()),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b");
}

}  // namespace
}  // namespace wardline::crypto
