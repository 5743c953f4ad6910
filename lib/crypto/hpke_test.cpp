#include "lib/crypto/hpke.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

class Hpke : public testing::TestWithParam<int> {
 protected:
  const Suite& suite_ = *find_suite(static_cast<CipherSuite>(GetParam()));
  HpkePrivateKey key_ = HpkePrivateKey::generate(suite_).value();
};

TEST_P(Hpke, OpensWhatWasSealed) {
  const auto sealed =
      hpke_seal(suite_, key_.public_key(), as_bytes("info"), as_bytes("aad"), as_bytes("path secret"));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->kem_output.size(), suite_.kem_public_size);
  const auto opened =
      hpke_open(suite_, key_, sealed->kem_output, as_bytes("info"), as_bytes("aad"), sealed->ciphertext);
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(opened->view()), "path secret");
}

TEST_P(Hpke, ASealerServesManyRecipientsUnderOneInfo) {
  const HpkePrivateKey other = HpkePrivateKey::generate(suite_).value();
  const HpkeSealer sealer(suite_, as_bytes("info"));
  for (const HpkePrivateKey* key : std::initializer_list<const HpkePrivateKey*>{&key_, &other}) {
    const auto sealed = sealer.seal(key->public_key(), as_bytes("aad"), as_bytes("path secret")).value();
    const auto opened =
        hpke_open(suite_, *key, sealed.kem_output, as_bytes("info"), as_bytes("aad"), sealed.ciphertext);
    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(opened->view()), "path secret");
  }
}

TEST_P(Hpke, RefusesAnotherKeyInfoAssociatedDataOrCiphertext) {
  const auto sealed =
      hpke_seal(suite_, key_.public_key(), as_bytes("info"), as_bytes("aad"), as_bytes("x")).value();
  const HpkePrivateKey other = HpkePrivateKey::generate(suite_).value();
  const auto open = [&](const HpkePrivateKey& key, std::string_view info, std::string_view aad,
                        ByteView ciphertext) {
    const auto opened = hpke_open(suite_, key, sealed.kem_output, as_bytes(info), as_bytes(aad), ciphertext);
    return opened ? "opened" : name_of(opened.error());
  };
  const auto refused = name_of(Error::open_failed);
  EXPECT_EQ(open(key_, "info", "aad", sealed.ciphertext), "opened");
  EXPECT_EQ(open(other, "info", "aad", sealed.ciphertext), refused);
  EXPECT_EQ(open(key_, "infO", "aad", sealed.ciphertext), refused);
  EXPECT_EQ(open(key_, "info", "aaD", sealed.ciphertext), refused);
  Bytes flipped = sealed.ciphertext;
  flipped[0] ^= 1;
  EXPECT_EQ(open(key_, "info", "aad", flipped), refused);
  EXPECT_EQ(hpke_open(suite_, key_, other.public_key(), as_bytes("info"), as_bytes("aad"), sealed.ciphertext)
                .error(),
            Error::open_failed);
  EXPECT_EQ(hpke_open(suite_, key_, {}, as_bytes("info"), as_bytes("aad"), sealed.ciphertext).error(),
            Error::bad_key);
}

TEST_P(Hpke, BothSidesExportTheSameSecret) {
  const auto sent =
      hpke_send_export(suite_, key_.public_key(), as_bytes("info"), as_bytes("context"), 77).value();
  EXPECT_EQ(sent.secret.size(), 77u);
  const auto same =
      hpke_receive_export(suite_, key_, sent.kem_output, as_bytes("info"), as_bytes("context"), 77);
  EXPECT_TRUE(equal(same->view(), sent.secret.view()));
  const auto other =
      hpke_receive_export(suite_, key_, sent.kem_output, as_bytes("info"), as_bytes("konText"), 77);
  EXPECT_FALSE(equal(other->view(), sent.secret.view()));
}

TEST_P(Hpke, AKeySurvivesItsRawFormAndCopying) {
  EXPECT_EQ(key_.to_raw().size(), suite_.kem_private_size);
  const auto sealed = hpke_seal(suite_, key_.public_key(), {}, {}, as_bytes("secret")).value();
  const HpkePrivateKey again = HpkePrivateKey::from_raw(suite_, key_.to_raw().view()).value();
  EXPECT_EQ(again.public_key(), key_.public_key());
  for (const HpkePrivateKey& key : {again.copy(), key_.copy(), again.copy().copy()}) {
    EXPECT_EQ(key.public_key(), key_.public_key());
    EXPECT_EQ(as_text(hpke_open(suite_, key, sealed.kem_output, {}, {}, sealed.ciphertext)->view()),
              "secret");
  }
  EXPECT_EQ(HpkePrivateKey::from_raw(suite_, Bytes(suite_.kem_private_size + 1, 1)).error(), Error::bad_key);
  EXPECT_EQ(HpkePrivateKey::from_raw(suite_, {}).error(), Error::bad_key);
}

TEST_P(Hpke, DerivationIsDeterministicAndSeparatesItsInputs) {
  const HpkePrivateKey one = HpkePrivateKey::derive(suite_, as_bytes("node secret 1")).value();
  EXPECT_EQ(HpkePrivateKey::derive(suite_, as_bytes("node secret 1"))->public_key(), one.public_key());
  EXPECT_NE(HpkePrivateKey::derive(suite_, as_bytes("node secret 2"))->public_key(), one.public_key());
  EXPECT_TRUE(is_valid_hpke_public_key(suite_, one.public_key()));
}

TEST_P(Hpke, MalformedPublicKeysAreRefused) {
  const Bytes& good = key_.public_key();
  std::vector<Bytes> bad = {{}, {0}, Bytes(good.size() - 1, 4), concat(good, Bytes{0})};
  if (good.size() > 56) {  // Points of a curve.
    Bytes off_curve = good;
    off_curve.back() ^= 1;
    Bytes hybrid = good;
    hybrid[0] = static_cast<std::uint8_t>(6 + (good.back() & 1));
    Bytes compressed = to_bytes(ByteView(good).first(good.size() / 2 + 1));
    compressed[0] = static_cast<std::uint8_t>(2 + (good.back() & 1));
    bad.insert(bad.end(), {off_curve, hybrid, compressed, Bytes(good.size(), 0)});
  }
  EXPECT_TRUE(is_valid_hpke_public_key(suite_, good));
  for (const Bytes& key : bad) {
    EXPECT_FALSE(is_valid_hpke_public_key(suite_, key)) << to_hex(key);
    EXPECT_EQ(hpke_seal(suite_, key, {}, {}, {}).error(), Error::bad_key) << to_hex(key);
    EXPECT_EQ(hpke_open(suite_, key_, key, {}, {}, Bytes(16)).error(), Error::bad_key) << to_hex(key);
  }
}

// A key that was read back and is first used by several threads at once. Meant for ThreadSanitizer.
TEST_P(Hpke, OneKeyServesManyThreads) {
  const auto sealed = hpke_seal(suite_, key_.public_key(), {}, {}, as_bytes("secret")).value();
  const HpkePrivateKey key = HpkePrivateKey::from_raw(suite_, key_.to_raw().view()).value();
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      if (hpke_open(suite_, key.copy(), sealed.kem_output, {}, {}, sealed.ciphertext)) ++opened;
      if (hpke_open(suite_, key, sealed.kem_output, {}, {}, sealed.ciphertext)) ++opened;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 8);
}

INSTANTIATE_TEST_SUITE_P(EverySuite, Hpke, testing::Range(1, 8));

// RFC 9180 §7.1.4: an all-zero shared secret is refused. Zero and one are points of small order.
TEST(HpkeMontgomery, RefusesPointsOfSmallOrder) {
  for (const CipherSuite id :
       {CipherSuite::x25519_aes128gcm_sha256_ed25519, CipherSuite::x448_aes256gcm_sha512_ed448}) {
    const Suite& suite = *find_suite(id);
    Bytes one(suite.kem_public_size, 0);
    one[0] = 1;
    EXPECT_EQ(hpke_seal(suite, Bytes(suite.kem_public_size, 0), {}, {}, {}).error(), Error::bad_key);
    EXPECT_EQ(hpke_seal(suite, one, {}, {}, {}).error(), Error::bad_key);
  }
}

// RFC 9180 §7.1.3: the first candidate's excess bits are masked off, appendix A.6.1.
TEST(HpkeDerivation, OnP521MatchesRfc9180AppendixA6) {
  const Suite& suite = *find_suite(CipherSuite::p521_aes256gcm_sha512_p521);
  const HpkePrivateKey key =
      HpkePrivateKey::derive(suite,
                             hex("2ad954bbe39b7122529f7dde780bff626cd97f850d0784a432784e69d86eccaa"
                                 "de43b6c10a8ffdb94bf943c6da479db137914ec835a7e715e36e45e29b587bab3bf1"))
          .value();
  EXPECT_EQ(to_hex(key.to_raw().view()),
            "01462680369ae375e4b3791070a7458ed527842f6a98a79ff5e0d4cbde83c27196a3916956655523a6a2556a7af62c5c"
            "adabe2ef9da3760bb21e005202f7b2462847");
}

struct Example {
  CipherSuite suite;
  const char *ikm, *private_key, *public_key, *kem_output, *ciphertext;
  const char* exported[3];  ///< for the contexts "", 00 and "TestContext"
};

class Rfc9180 : public testing::TestWithParam<Example> {};

TEST_P(Rfc9180, MatchesAppendixA) {
  const Example& example = GetParam();
  const Suite& suite = *find_suite(example.suite);
  const HpkePrivateKey key = HpkePrivateKey::derive(suite, hex(example.ikm)).value();
  EXPECT_EQ(to_hex(key.to_raw().view()), example.private_key);
  EXPECT_EQ(to_hex(key.public_key()), example.public_key);
  const Bytes info = to_bytes(as_bytes("Ode on a Grecian Urn"));
  const auto opened =
      hpke_open(suite, key, hex(example.kem_output), info, as_bytes("Count-0"), hex(example.ciphertext));
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(opened->view()), "Beauty is truth, truth beauty");
  const std::array<Bytes, 3> contexts = {Bytes{}, Bytes{0}, to_bytes(as_bytes("TestContext"))};
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    const auto secret = hpke_receive_export(suite, key, hex(example.kem_output), info, contexts[i], 32);
    EXPECT_EQ(to_hex(secret->view()), example.exported[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    BaseMode, Rfc9180,
    testing::Values(
        Example{CipherSuite::x25519_aes128gcm_sha256_ed25519,  // A.1.1
                "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
                "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
                "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
                "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
                "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
                {"3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
                 "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5",
                 "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"}},
        Example{CipherSuite::p256_aes128gcm_sha256_p256,  // A.3.1
                "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550",
                "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
                "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
                "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
                "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
                "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
                "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
                {"5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d",
                 "6cff87658931bda83dc857e6353efe4987a201b849658d9b047aab4cf216e796",
                 "d8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a"}}));

}  // namespace
}  // namespace wardline::crypto
