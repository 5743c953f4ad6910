#include "lib/crypto/provider.h"

#include <cstdio>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/hpke.h"
#include "lib/crypto/password_kdf.h"
#include "lib/crypto/random.h"

namespace wardline::crypto {
namespace {

// The provider is chosen once per process, so each choice is made in a process of its own.
class ProviderDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

/// Leaves without clean-up, so that leak checks do not look at a library that failed half-way.
[[noreturn]] void leave(std::string_view word) {
  std::fprintf(stderr, "%s\n", std::string(word).c_str());
  std::_Exit(0);
}

std::string_view outcome(const Result<void>& result) { return result ? "chosen" : name_of(result.error()); }

void expect_same_results() {
  if (!use_provider("provider=default")) leave("refused");
  // RFC 4231 §4.3 and §4.7 and RFC 5869 appendix A.3 (no salt), through the provider's own HMAC.
  const bool short_key =
      to_hex(hmac(HashAlgorithm::sha256, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const bool long_key = to_hex(hmac(HashAlgorithm::sha256, Bytes(131, 0xaa),
                                    as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
  const bool no_salt = to_hex(hkdf_extract(HashAlgorithm::sha256, {}, Bytes(22, 0x0b)).view()) ==
                       "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04";
  const Suite& suite = *find_suite(CipherSuite::p256_aes128gcm_sha256_p256);
  const auto key = HpkePrivateKey::generate(suite);
  const auto sealed = hpke_seal(suite, key->public_key(), {}, {}, as_bytes("x"));
  const bool opens = hpke_open(suite, *key, sealed->kem_output, {}, {}, sealed->ciphertext).has_value();
  leave(short_key && long_key && no_salt && opens ? "same" : "different");
}

TEST_F(ProviderDeathTest, ANamedProviderGivesTheSameResults) {
  EXPECT_EXIT(expect_same_results(), testing::ExitedWithCode(0), "same");
}

TEST_F(ProviderDeathTest, FailsClosedWhereTheProviderIsAbsent) {
  EXPECT_EXIT(leave(outcome(use_provider("provider=absent"))), testing::ExitedWithCode(0), "unsupported");
  EXPECT_DEATH(
      {
        (void)use_provider("provider=absent");
        sha256(as_bytes("must not fall back to another provider"));
      },
      "");
}

// Passes with the validated module installed and without: but never by running anything else.
TEST_F(ProviderDeathTest, FipsModeIsTheValidatedModuleOrNothing) {
  const auto run = [] {
    if (!use_provider("fips=yes")) leave("fips unsupported");
    leave(provider_description().find("FIPS") != std::string::npos ? "fips module" : "something else");
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "fips (unsupported|module)");
}

TEST_F(ProviderDeathTest, AnOptionalClauseIsRefused) {
  EXPECT_EXIT(leave(outcome(use_provider("?provider=default"))), testing::ExitedWithCode(0), "unsupported");
}

TEST_F(ProviderDeathTest, TheFirstChoiceIsFinal) {
  const auto run = [] {
    sha256(as_bytes("uses the default provider"));
    if (!use_provider("")) leave("the same choice was refused");
    leave(outcome(use_provider("provider=default")));
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "provider failure");
}

TEST(Provider, SaysWhatItIs) {
  EXPECT_THAT(provider_description(), testing::HasSubstr("OpenSSL Default Provider 3."));
}

TEST(Random, NeverRepeatsItself) {
  EXPECT_EQ(random_bytes(32).size(), 32u);
  EXPECT_NE(random_bytes(32), random_bytes(32));
  EXPECT_FALSE(equal(random_secret(32).view(), random_secret(32).view()));
  EXPECT_TRUE(random_bytes(0).empty());
}

TEST(PasswordKdf, MatchesRfc7914Section11) {
  const auto key = pbkdf2_hmac_sha256(as_bytes("passwd"), as_bytes("salt"), 1, 64);
  EXPECT_EQ(to_hex(key->view()),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  const auto slow = pbkdf2_hmac_sha256(as_bytes("Password"), as_bytes("NaCl"), 80000, 64);
  EXPECT_EQ(to_hex(slow->view()),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

TEST(PasswordKdf, RefusesNoWorkAndNoOutput) {
  EXPECT_EQ(pbkdf2_hmac_sha256(as_bytes("p"), as_bytes("s"), 0, 32).error(), Error::bad_length);
  EXPECT_EQ(pbkdf2_hmac_sha256(as_bytes("p"), as_bytes("s"), 1, 0).error(), Error::bad_length);
  EXPECT_TRUE(pbkdf2_hmac_sha256({}, {}, 1, 32));
}

}  // namespace
}  // namespace wardline::crypto
