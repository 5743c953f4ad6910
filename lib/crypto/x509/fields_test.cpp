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

using Extensions = std::vector<Bytes>;

/// 2.5.29.`number`.
bool is_extension(const Bytes& extension, std::uint8_t number) {
  const Bytes id = {0x06, 0x03, 0x55, 0x1d, number};
  return !std::ranges::search(extension, id).empty();
}

/// The certificate with other extensions, and signed anew by `signer`.
template <class Change>
Certificate reissue(const Certificate& certificate, const SigningKey& signer, Change change) {
  der::Reader outer(certificate.der());
  der::Reader whole(outer.take(der::Tag::sequence));
  der::Reader in(whole.take(der::Tag::sequence));
  const Bytes algorithm = to_bytes(whole.take_whole(der::Tag::sequence).whole);
  Bytes content;
  while (!in.next_is(der::constructed_context(3))) append(content, in.take_any().whole);
  der::Reader explicit_content(in.take(der::constructed_context(3)));
  der::Reader each(explicit_content.take(der::Tag::sequence));
  Extensions extensions;
  while (!each.at_end()) extensions.push_back(to_bytes(each.take_any().whole));
  change(extensions);
  Bytes all;
  for (const Bytes& extension : extensions) append(all, extension);
  append(content, der::explicit_context(3, der::sequence({all})));
  const Bytes signed_part = der::sequence({content});
  return Certificate::parse(
             der::sequence({signed_part, algorithm, der::bit_string(signer.sign(signed_part).value())}))
      .value();
}

auto without(std::uint8_t number) {
  return [number](Extensions& extensions) {
    std::erase_if(extensions, [number](const Bytes& each) { return is_extension(each, number); });
  };
}

/// Turns "critical" over.
auto flagged_otherwise(std::uint8_t number) {
  return [number](Extensions& extensions) {
    const auto found =
        std::ranges::find_if(extensions, [number](const Bytes& each) { return is_extension(each, number); });
    der::Reader outer(*found);
    der::Reader in(outer.take(der::Tag::sequence));
    const Bytes id = to_bytes(in.take_any().whole);
    const bool was_critical = in.take_if(der::Tag::boolean).has_value();
    const Bytes value = to_bytes(in.take_any().whole);
    *found = der::sequence({id, was_critical ? Bytes{} : der::true_value(), value});
  };
}

// RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.1.3, §4.2.1.9: browsers judge certificates by these fields, programs by
// OpenSSL.
TEST(CertificateFields, AreJudgedAsOpenSslJudgesThemStrictly) {
  const SigningKey authority_key = make_key(SignatureAlgorithm::ecdsa_p256_sha256);
  const SigningKey key = make_key(SignatureAlgorithm::ecdsa_p256_sha256);
  const Certificate authority = make_authority(authority_key);
  const Certificate leaf = make_leaf(authority_key, authority, key);
  const auto both = [](const Certificate& above, const Certificate& below) {
    const bool theirs = below.verify_issued_by(above, kNow).has_value();
    EXPECT_EQ(may_have_issued(*read_certificate(above.der()), *read_certificate(below.der())), theirs);
    return theirs;
  };
  const auto other_leaf = [&](auto change) { return both(authority, reissue(leaf, authority_key, change)); };
  const auto other_authority = [&](auto change) {
    return both(reissue(authority, authority_key, change), leaf);
  };
  const auto nothing = [](Extensions&) {};
  constexpr std::uint8_t kSubjectKey = 14, kUsage = 15, kNames = 17, kConstraints = 19, kAuthorityKey = 35;
  EXPECT_TRUE(other_leaf(nothing));
  EXPECT_TRUE(other_authority(nothing));
  EXPECT_TRUE(both(authority, authority));

  EXPECT_FALSE(other_leaf(without(kAuthorityKey)));
  EXPECT_FALSE(other_authority(without(kSubjectKey)));
  EXPECT_TRUE(other_leaf(without(kSubjectKey))) << "only an authority has to name its key";
  EXPECT_FALSE(other_authority(without(kUsage)));
  EXPECT_TRUE(other_leaf(without(kUsage)));
  EXPECT_FALSE(other_authority(without(kConstraints)));
  EXPECT_TRUE(other_leaf(without(kNames)));

  EXPECT_FALSE(other_leaf(flagged_otherwise(kAuthorityKey)));
  EXPECT_FALSE(other_leaf(flagged_otherwise(kSubjectKey)));
  EXPECT_FALSE(other_authority(flagged_otherwise(kSubjectKey)));
  EXPECT_FALSE(other_authority(flagged_otherwise(kConstraints)));
  EXPECT_TRUE(other_leaf(flagged_otherwise(kNames)));

  const Bytes may_sign = der::octet_string(der::bit_string(Bytes{0x06}, 1));
  EXPECT_FALSE(other_leaf([&](Extensions& all) {
    without(kUsage)(all);
    all.push_back(der::sequence({der::object_identifier({2, 5, 29, kUsage}), der::true_value(), may_sign}));
  })) << "a device signs no certificates";
  const SigningKey other_key = make_key(SignatureAlgorithm::ecdsa_p256_sha256);
  EXPECT_FALSE(both(make_authority(other_key), leaf)) << "the same name and another key";
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
