#include "lib/crypto/ecdsa_form.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/signature.h"

namespace wardline::crypto {
namespace {

TEST(EcdsaForm, GoesThereAndBackForSignaturesOfEveryCurve) {
  for (const auto algorithm : {SignatureAlgorithm::ecdsa_p256_sha256, SignatureAlgorithm::ecdsa_p384_sha384,
                               SignatureAlgorithm::ecdsa_p521_sha512}) {
    const auto key = SigningKey::generate(algorithm);
    for (int i = 0; i < 50; ++i) {
      const Bytes der = key->sign(as_bytes("message")).value();
      const auto joined = ecdsa_joined_from_der(der, ecdsa_field_size(algorithm));
      ASSERT_TRUE(joined);
      EXPECT_EQ(joined->size(), 2 * ecdsa_field_size(algorithm));
      EXPECT_EQ(ecdsa_der_from_joined(*joined), der);
    }
  }
  EXPECT_EQ(ecdsa_field_size(SignatureAlgorithm::ed25519), 0U);
}

TEST(EcdsaForm, RefusesASecondSpellingOfASignature) {
  const auto joined = [](std::string_view hex) { return ecdsa_joined_from_der(*from_hex(hex), 2); };
  ASSERT_TRUE(joined("3006020101020102"));
  EXPECT_EQ(to_hex(*joined("3006020101020102")), "00010002");
  EXPECT_EQ(to_hex(*joined("3008"
                           "02020100"
                           "02020080")),
            "01000080");
  EXPECT_FALSE(joined("300602010102010200"));  // Something follows.
  EXPECT_FALSE(
      joined("3007"
             "02020001"
             "020102"));  // A zero too many.
  EXPECT_FALSE(
      joined("3006"
             "020100"
             "020102"));  // r is zero.
  EXPECT_FALSE(
      joined("3006"
             "020181"
             "020102"));  // r is negative.
  EXPECT_FALSE(
      joined("3008"
             "0203010000"
             "020102"));                       // Longer than the field.
  EXPECT_FALSE(joined("308106020101020102"));  // A longer length than needed.
  EXPECT_FALSE(
      joined("3009"
             "020101"
             "020102"
             "020103"));
}

}  // namespace
}  // namespace wardline::crypto
