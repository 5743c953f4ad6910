#include "server/identity/totp.h"

#include <gtest/gtest.h>

namespace wardline::identity {
namespace {

using namespace std::chrono_literals;

const Bytes kRfcSecret = to_bytes(as_bytes("12345678901234567890"));

core::Time at_second(std::int64_t seconds) { return {seconds * 1'000'000}; }

TEST(Totp, AgreesWithTheVectorsOfRfc6238) {
  // RFC 6238 appendix B, SHA-1, the last six of the eight digits.
  EXPECT_EQ(totp_code(kRfcSecret, totp_step(at_second(59))), "287082");
  EXPECT_EQ(totp_code(kRfcSecret, totp_step(at_second(1111111109))), "081804");
  EXPECT_EQ(totp_code(kRfcSecret, totp_step(at_second(1234567890))), "005924");
  EXPECT_EQ(totp_code(kRfcSecret, totp_step(at_second(20000000000))), "353130");
}

TEST(Totp, AcceptsOneStepOfDriftAndNoMore) {
  const auto now = at_second(1234567890);
  const auto step = totp_step(now);
  for (const int drift : {-1, 0, 1}) {
    EXPECT_EQ(verify_totp(kRfcSecret, totp_code(kRfcSecret, step + drift), now, 0), step + drift);
  }
  for (const int drift : {-2, 2, 100}) {
    EXPECT_FALSE(verify_totp(kRfcSecret, totp_code(kRfcSecret, step + drift), now, 0).has_value()) << drift;
  }
}

TEST(Totp, IAM3_ACodeThatWasUsedOnceOrIsOlderDoesNotWorkAgain) {
  const auto now = at_second(1234567890);
  const auto step = totp_step(now);
  EXPECT_FALSE(verify_totp(kRfcSecret, totp_code(kRfcSecret, step), now, step).has_value());
  EXPECT_FALSE(verify_totp(kRfcSecret, totp_code(kRfcSecret, step - 1), now, step).has_value());
  EXPECT_EQ(verify_totp(kRfcSecret, totp_code(kRfcSecret, step + 1), now, step), step + 1);
}

TEST(Totp, RefusesWhatIsNoCode) {
  const auto now = at_second(1234567890);
  for (const char* bad : {"", "00592", "0059240", "005 924", "abcdef"}) {
    EXPECT_FALSE(verify_totp(kRfcSecret, bad, now, 0).has_value()) << bad;
  }
}

TEST(Totp, TheSecretIsWrittenAsAppsReadIt) {
  EXPECT_EQ(totp_secret_text(kRfcSecret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  EXPECT_EQ(totp_secret_text(as_bytes("f")), "MY");
  EXPECT_EQ(totp_secret_text(as_bytes("foob")), "MZXW6YQ");
  EXPECT_EQ(otpauth_uri("Ward line", "anna@x", kRfcSecret),
            "otpauth://totp/Ward%20line:anna%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ward%20line"
            "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace wardline::identity
