// The reader for hosts without OpenSSL against the one with: what both take they read alike, and ours takes
// nothing that OpenSSL refuses.
#include "lib/crypto/x509/fields.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/x509/der.h"
#include "lib/crypto/x509/der_reader.h"
#include "lib/crypto/x509/issue.h"

namespace wardline::crypto {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kYear = 365 * 86400 * kSecond;
constexpr std::int64_t kNow = 1'780'000'000 * kSecond;

SigningKey make_key(SignatureAlgorithm algorithm) { return std::move(*SigningKey::generate(algorithm)); }

Certificate make_authority(const SigningKey& key, std::int64_t not_after = kNow + 40 * kYear) {
  return issue_self_signed(key, {.role = CertificateRole::authority,
                                 .common_name = "Device authority, Ward 3",
                                 .organization = "St. \"Mary\" + Söhne ",
                                 .serial = random_serial(),
                                 .validity = {kNow, not_after},
                                 .uris = {},
                                 .dns_names = {},
                                 .ip_addresses = {}})
      .value();
}

Certificate make_leaf(const SigningKey& authority_key, const Certificate& authority, const SigningKey& key,
                      CertificateRole role = CertificateRole::device) {
  return issue_certificate(authority_key, authority,
                           *VerificationKey::from_raw(key.algorithm(), key.public_key()),
                           {.role = role,
                            .common_name = "01900000-0000-7000-8000-000000000001",
                            .organization = "",
                            .serial = random_serial(),
                            .validity = {kNow, kNow + kYear},
                            .uris = {"urn:uuid:01900000-0000-7000-8000-000000000002"},
                            .dns_names = {"ward.example"},
                            .ip_addresses = {{10, 0, 0, 1}}})
      .value();
}

::testing::AssertionResult read_alike(const CertificateFields& ours, const Certificate& theirs) {
  const auto differs = [](const char* what) { return ::testing::AssertionFailure() << what << " differs"; };
  if (ours.subject.der != theirs.subject_name()) return differs("subject");
  if (ours.subject.common_name != theirs.common_name()) return differs("common name");
  if (ours.serial != theirs.serial()) return differs("serial");
  if (ours.validity.not_before != theirs.validity().not_before) return differs("not before");
  if (ours.validity.not_after != theirs.validity().not_after) return differs("not after");
  if (ours.uris != theirs.uris()) return differs("uris");
  if (ours.subject_key_identifier != theirs.subject_key_identifier())
    return differs("subject key identifier");
  if (ours.is_authority != theirs.is_authority()) return differs("authority");
  if (theirs.key() && (ours.key_algorithm != theirs.key()->algorithm() || ours.key != theirs.key()->raw())) {
    return differs("key");
  }
  return ::testing::AssertionSuccess();
}

TEST(CertificateFields, AreReadAsOpenSslReadsThem) {
  for (const auto algorithm :
       {SignatureAlgorithm::ecdsa_p256_sha256, SignatureAlgorithm::ecdsa_p384_sha384,
        SignatureAlgorithm::ecdsa_p521_sha512, SignatureAlgorithm::ed25519, SignatureAlgorithm::ed448}) {
    const SigningKey authority_key = make_key(algorithm);
    const SigningKey key = make_key(algorithm);
    const Certificate authority = make_authority(authority_key);
    for (const Certificate& certificate :
         {authority, make_leaf(authority_key, authority, key),
          make_leaf(authority_key, authority, key, CertificateRole::tls_server)}) {
      const auto fields = read_certificate(certificate.der());
      ASSERT_TRUE(fields);
      EXPECT_TRUE(read_alike(*fields, certificate));
      EXPECT_EQ(fields->subject.text, certificate.subject());
      EXPECT_EQ(fields->issuer.text, certificate.issuer());
      EXPECT_EQ(fields->signature_algorithm, algorithm);
      EXPECT_EQ(fields->may_sign_certificates, certificate.is_authority());
      EXPECT_EQ(fields->authority_key_identifier, authority.subject_key_identifier());
      const auto& signer = authority.key();
      ASSERT_TRUE(signer);
      EXPECT_TRUE(signer->verify(fields->to_be_signed, fields->signature));
    }
  }
}

TEST(CertificateFields, OfDamagedCertificatesAreNeverReadOtherwiseThanByOpenSsl) {
  const SigningKey authority_key = make_key(SignatureAlgorithm::ecdsa_p256_sha256);
  const Certificate authority = make_authority(authority_key);
  const Certificate leaf = make_leaf(authority_key, authority, authority_key);
  int taken = 0;
  const auto is_extension_id = [](const Bytes& der, std::size_t at) {
    // 2.5.29.n: of another extension OpenSSL may know more than we, who pass it over.
    return at >= 4 && der[at - 4] == 0x06 && der[at - 3] == 0x03 && der[at - 2] == 0x55 &&
           der[at - 1] == 0x1d;
  };
  for (const Certificate& whole : {authority, leaf}) {
    for (std::size_t at = 0; at < whole.der().size(); ++at) {
      if (is_extension_id(whole.der(), at)) continue;
      for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
        Bytes damaged = whole.der();
        damaged[at] ^= static_cast<std::uint8_t>(flip);
        const auto ours = read_certificate(damaged);
        if (!ours) continue;
        const auto theirs = Certificate::parse(damaged);
        EXPECT_TRUE(theirs) << "we take what OpenSSL refuses: byte " << at << " flipped by " << flip << "\n"
                            << to_hex(damaged);
        if (!theirs) continue;
        EXPECT_TRUE(read_alike(*ours, *theirs)) << "byte " << at << " flipped by " << flip;
        ++taken;
      }
    }
    for (std::size_t size = 0; size < whole.der().size(); ++size) {
      EXPECT_FALSE(read_certificate(ByteView(whole.der()).first(size)));
    }
    EXPECT_FALSE(read_certificate(concat(whole.der(), Bytes{0})));
  }
  EXPECT_GT(taken, 1000);  // Names, keys, identifiers and signatures may be anything.
}

TEST(CertificateFields, RefuseWhatIsCriticalAndUnknownOnlyWhenTheyAreReliedOn) {
  const SigningKey key = make_key(SignatureAlgorithm::ecdsa_p256_sha256);
  Bytes der = make_authority(key).der();
  // keyUsage, 2.5.29.15, becomes 2.5.29.16, which is nothing that we know.
  const Bytes usage = {0x06, 0x03, 0x55, 0x1d, 0x0f};
  const auto at = std::ranges::search(der, usage).begin();
  ASSERT_NE(at, der.end());
  at[4] = 0x10;
  const auto fields = read_certificate(der);
  ASSERT_TRUE(fields);
  EXPECT_TRUE(fields->has_unknown_critical_extension);
  EXPECT_FALSE(read_certificate(make_authority(key).der())->has_unknown_critical_extension);
}

TEST(DerReader, TakesTheShortestLengthAndNoOther) {
  const auto reads = [](std::string_view hex) {
    const Bytes bytes = *from_hex(hex);
    der::Reader in(bytes);
    in.take_any();
    return in.at_end();
  };
  EXPECT_TRUE(reads("0400"));
  EXPECT_TRUE(
      reads("0481"
            "80" +
            std::string(256, '0')));
  EXPECT_FALSE(
      reads("048101"
            "00"));  // Fits the short form.
  EXPECT_FALSE(
      reads("0480"
            "0000"));  // Indefinite.
  EXPECT_FALSE(
      reads("04820001"
            "00"));  // A leading zero.
  EXPECT_FALSE(
      reads("0402"
            "00"));  // Ends too early.
  EXPECT_FALSE(
      reads("1f8101"
            "00"));  // A tag of several octets.
}

TEST(DerReader, ReadsPositiveIntegersInTheirOneForm) {
  const auto read = [](std::string_view hex) {
    const Bytes bytes = *from_hex(hex);
    der::Reader in(bytes);
    const ByteView number = in.take_unsigned();
    return in.at_end() ? to_hex(number) : "refused";
  };
  EXPECT_EQ(read("020101"), "01");
  EXPECT_EQ(read("02020080"), "80");
  EXPECT_EQ(read("020180"), "refused");    // Negative.
  EXPECT_EQ(read("02020001"), "refused");  // One zero too many.
  EXPECT_EQ(read("020100"), "refused");    // Zero.
  EXPECT_EQ(read("0200"), "refused");
}

TEST(DerReader, ReadsBothFormsOfTime) {
  const auto read = [](const Bytes& bytes) {
    der::Reader in(bytes);
    return der::read_time(in.take_any());
  };
  for (const std::int64_t time : {std::int64_t{0}, kNow, kNow + 40 * kYear,
                                  std::int64_t{2524607999} * kSecond, std::int64_t{2524608000} * kSecond}) {
    EXPECT_EQ(read(der::time(time)), time);
  }
  const auto utc = [](std::string_view text) { return der::element(0x17, {as_bytes(text)}); };
  EXPECT_TRUE(read(utc("260228235959Z")));
  EXPECT_FALSE(read(utc("260230000000Z")));   // No such day.
  EXPECT_FALSE(read(utc("260228240000Z")));   // No such hour.
  EXPECT_FALSE(read(utc("2602282359Z")));     // Without seconds.
  EXPECT_FALSE(read(utc("260228235959+0")));  // Not Zulu.
  EXPECT_FALSE(read(utc("26022823595 Z")));
}

}  // namespace
}  // namespace wardline::crypto
