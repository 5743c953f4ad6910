#include "lib/crypto/aead.h"

#include <gtest/gtest.h>

#include "lib/crypto/random.h"

namespace wardline::crypto {
namespace {

class Aead : public testing::TestWithParam<AeadAlgorithm> {
 protected:
  Bytes key_ = random_bytes(key_size_of(GetParam()));
  Bytes nonce_ = random_bytes(kNonceSize);
  Bytes associated_data_ = to_bytes(as_bytes("conversation 7"));
  Bytes plaintext_ = to_bytes(as_bytes("blood pressure 120 over 80"));
};

TEST_P(Aead, OpensWhatItSealed) {
  for (const Bytes& text : {plaintext_, Bytes{}, Bytes(100'000, 9)}) {
    for (const Bytes& aad : {associated_data_, Bytes{}}) {
      const auto sealed = aead_seal(GetParam(), key_, nonce_, aad, text);
      ASSERT_TRUE(sealed);
      EXPECT_EQ(sealed->size(), text.size() + kTagSize);
      EXPECT_TRUE(equal(aead_open(GetParam(), key_, nonce_, aad, *sealed)->view(), text));
    }
  }
}

TEST_P(Aead, AnyFlippedBitIsRefused) {
  const Bytes sealed = aead_seal(GetParam(), key_, nonce_, associated_data_, plaintext_).value();
  const auto refuses = [&](const Bytes& key, const Bytes& nonce, const Bytes& aad, const Bytes& ciphertext) {
    const auto opened = aead_open(GetParam(), key, nonce, aad, ciphertext);
    return !opened && opened.error() == Error::open_failed;
  };
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    const auto flipped = [bit](Bytes bytes) {
      bytes[bit / 8 % bytes.size()] ^= static_cast<std::uint8_t>(1u << bit % 8);
      return bytes;
    };
    ASSERT_TRUE(refuses(flipped(key_), nonce_, associated_data_, sealed)) << bit;
    ASSERT_TRUE(refuses(key_, flipped(nonce_), associated_data_, sealed)) << bit;
    ASSERT_TRUE(refuses(key_, nonce_, flipped(associated_data_), sealed)) << bit;
    ASSERT_TRUE(refuses(key_, nonce_, associated_data_, flipped(sealed))) << bit;
  }
  EXPECT_TRUE(refuses(key_, nonce_, {}, sealed));
}

TEST_P(Aead, ATruncatedCiphertextIsRefused) {
  Bytes sealed = aead_seal(GetParam(), key_, nonce_, associated_data_, plaintext_).value();
  while (!sealed.empty()) {
    sealed.pop_back();
    EXPECT_EQ(aead_open(GetParam(), key_, nonce_, associated_data_, sealed).error(), Error::open_failed);
  }
}

TEST_P(Aead, KeysAndNoncesOfAnotherLengthAreRefused) {
  Bytes sealed(kTagSize);
  for (const std::size_t size : {std::size_t{0}, key_.size() - 1, key_.size() + 1}) {
    EXPECT_EQ(aead_seal(GetParam(), Bytes(size), nonce_, {}, plaintext_).error(), Error::bad_length);
    EXPECT_EQ(aead_open(GetParam(), Bytes(size), nonce_, {}, sealed).error(), Error::bad_length);
    EXPECT_EQ(AeadKey::create(GetParam(), Bytes(size)).error(), Error::bad_length);
  }
  for (const std::size_t size : {0, 8, 11, 13, 16}) {
    EXPECT_EQ(aead_seal(GetParam(), key_, Bytes(size), {}, plaintext_).error(), Error::bad_length);
    EXPECT_EQ(aead_open(GetParam(), key_, Bytes(size), {}, sealed).error(), Error::bad_length);
  }
}

TEST_P(Aead, AKeptKeySealsAndOpensInAnyOrderAlsoAfterAFailure) {
  AeadKey created = AeadKey::create(GetParam(), key_).value();
  AeadKey key = std::move(created);
  for (int round = 0; round < 3; ++round) {
    const Bytes nonce = random_bytes(kNonceSize);
    const Bytes sealed = key.seal(nonce, associated_data_, plaintext_).value();
    EXPECT_EQ(sealed, aead_seal(GetParam(), key_, nonce, associated_data_, plaintext_));
    Bytes behind{1, 2};
    EXPECT_EQ(key.seal_onto(behind, Bytes(11), associated_data_, plaintext_).error(), Error::bad_length);
    ASSERT_TRUE(key.seal_onto(behind, nonce, associated_data_, plaintext_));
    EXPECT_EQ(behind, concat(Bytes{1, 2}, sealed));
    EXPECT_EQ(key.open(nonce, {}, sealed).error(), Error::open_failed);
    EXPECT_TRUE(equal(key.open(nonce, associated_data_, sealed)->view(), plaintext_));
    EXPECT_TRUE(equal(key.open(nonce, associated_data_, sealed)->view(), plaintext_));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryAlgorithm, Aead,
                         testing::Values(AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm,
                                         AeadAlgorithm::chacha20_poly1305));

}  // namespace
}  // namespace wardline::crypto
