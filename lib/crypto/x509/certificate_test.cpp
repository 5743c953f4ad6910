#include "lib/crypto/x509/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"
#include "lib/crypto/x509/der.h"
#include "lib/crypto/x509/issue.h"
#include "lib/crypto/x509/pem.h"
#include "lib/crypto/x509/tls_identity.h"

namespace wardline::crypto {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'763'769'600 * kSecond;  // 2025-11-22 00:00:00 UTC
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr Validity kYear = {kNow - kDay, kNow + 365 * kDay};
const std::string kDeviceId = "urn:uuid:0198c9a4-7b1e-7c3d-9f00-3a52c1d40e77";

CertificateRequest request(CertificateRole role, std::string name, Validity validity = kYear) {
  return {.role = role,
          .common_name = std::move(name),
          .organization = "St. Mary",
          .serial = random_serial(),
          .validity = validity,
          .uris = {},
          .dns_names = {},
          .ip_addresses = {}};
}

CertificateRequest device_request(Validity validity = kYear) {
  CertificateRequest device = request(CertificateRole::device, "Ward 3 tablet", validity);
  device.uris = {kDeviceId};
  return device;
}

VerificationKey public_half(const SigningKey& key) {
  return VerificationKey::from_raw(key.algorithm(), key.public_key()).value();
}

class Certificates : public testing::TestWithParam<SignatureAlgorithm> {
 protected:
  SigningKey authority_key_ = SigningKey::generate(GetParam()).value();
  Certificate authority_ =
      issue_self_signed(authority_key_, request(CertificateRole::authority, "Device authority")).value();
  SigningKey device_key_ = SigningKey::generate(SignatureAlgorithm::ecdsa_p256_sha256).value();

  Certificate device(const CertificateRequest& of) const {
    return issue_certificate(authority_key_, authority_, public_half(device_key_), of).value();
  }
};

TEST_P(Certificates, SayWhatWasIssued) {
  const CertificateRequest wanted = device_request();
  const Certificate parsed = Certificate::parse(device(wanted).der()).value();
  EXPECT_EQ(parsed.subject(), "CN=Ward 3 tablet,O=St. Mary");
  EXPECT_EQ(parsed.issuer(), "CN=Device authority,O=St. Mary");
  EXPECT_EQ(parsed.common_name(), "Ward 3 tablet");
  EXPECT_EQ(parsed.serial(), wanted.serial);
  EXPECT_EQ(parsed.validity().not_before, wanted.validity.not_before);
  EXPECT_EQ(parsed.validity().not_after, wanted.validity.not_after);
  EXPECT_EQ(parsed.uris(), std::vector{kDeviceId});
  EXPECT_FALSE(parsed.is_authority());
  EXPECT_TRUE(authority_.is_authority());
  ASSERT_TRUE(parsed.key());
  EXPECT_EQ(parsed.key()->raw(), device_key_.public_key());
  EXPECT_TRUE(parsed.key()->verify(as_bytes("leaf"), device_key_.sign(as_bytes("leaf")).value()));
  EXPECT_EQ(authority_.key()->algorithm(), GetParam());
  EXPECT_EQ(authority_.key()->raw(), authority_key_.public_key());
}

TEST_P(Certificates, VerifyAgainstTheirAuthorityWhileBothAreValid) {
  const Certificate leaf = device(device_request({kNow, kNow + kDay}));
  EXPECT_TRUE(leaf.verify_issued_by(authority_, kNow));
  EXPECT_TRUE(leaf.verify_issued_by(authority_, kNow + kDay));
  EXPECT_TRUE(leaf.verify_issued_by(authority_, kNow + kDay + kSecond - 1));
  EXPECT_EQ(leaf.verify_issued_by(authority_, kNow - 1).error(), Error::bad_certificate);
  EXPECT_EQ(leaf.verify_issued_by(authority_, kNow + kDay + kSecond).error(), Error::bad_certificate);
  const Certificate lasting = device(device_request({kNow, kNow + 1000 * kDay}));
  EXPECT_TRUE(lasting.verify_issued_by(authority_, kNow + 300 * kDay));
  EXPECT_FALSE(lasting.verify_issued_by(authority_, kNow + 400 * kDay))
      << "the authority has expired by then";
}

TEST_P(Certificates, OfAnotherAuthorityAreRefused) {
  const Certificate leaf = device(device_request());
  const SigningKey other_key = SigningKey::generate(GetParam()).value();
  // The same name, and so indistinguishable but for the key.
  const Certificate other =
      issue_self_signed(other_key, request(CertificateRole::authority, "Device authority")).value();
  EXPECT_EQ(leaf.verify_issued_by(other, kNow).error(), Error::bad_certificate);
  EXPECT_EQ(leaf.verify_issued_by(leaf, kNow).error(), Error::bad_certificate);
  EXPECT_EQ(issue_certificate(other_key, authority_, public_half(device_key_), device_request()).error(),
            Error::bad_certificate);
}

TEST_P(Certificates, ADeviceCannotSignCertificates) {
  const Certificate leaf = device(device_request());
  EXPECT_EQ(issue_certificate(device_key_, leaf, public_half(device_key_), device_request()).error(),
            Error::bad_certificate);
  // A self-signed device certificate is not a trust anchor either.
  const Certificate own = issue_self_signed(device_key_, device_request()).value();
  EXPECT_EQ(own.verify_issued_by(own, kNow).error(), Error::bad_certificate);
}

TEST_P(Certificates, AnyTamperedByteIsNoticed) {
  const Bytes der = device(device_request()).der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes tampered = der;
    tampered[i] ^= 0x01;
    const auto parsed = Certificate::parse(tampered);
    EXPECT_FALSE(parsed && parsed->verify_issued_by(authority_, kNow)) << "byte " << i;
  }
}

TEST_P(Certificates, TheAuthorityVerifiesItself) {
  EXPECT_TRUE(authority_.verify_issued_by(authority_, kNow));
  Bytes tampered = authority_.der();
  tampered.back() ^= 1;  // The end of the signature.
  const auto parsed = Certificate::parse(tampered);
  EXPECT_FALSE(parsed && parsed->verify_issued_by(*parsed, kNow));
}

INSTANTIATE_TEST_SUITE_P(EveryAuthorityKey, Certificates,
                         testing::Values(SignatureAlgorithm::ecdsa_p256_sha256,
                                         SignatureAlgorithm::ecdsa_p384_sha384,
                                         SignatureAlgorithm::ecdsa_p521_sha512, SignatureAlgorithm::ed25519,
                                         SignatureAlgorithm::ed448));

TEST(Certificate, RefusesWhatIsNotExactlyOneCertificate) {
  const SigningKey key = SigningKey::generate(SignatureAlgorithm::ecdsa_p256_sha256).value();
  const Bytes der = issue_self_signed(key, device_request())->der();
  EXPECT_EQ(Certificate::parse({}).error(), Error::bad_certificate);
  EXPECT_EQ(Certificate::parse(as_bytes("certificate")).error(), Error::bad_certificate);
  EXPECT_EQ(Certificate::parse(concat(der, Bytes{0})).error(), Error::bad_certificate);
  EXPECT_EQ(Certificate::parse(concat(der, der)).error(), Error::bad_certificate);
  for (std::size_t size = 0; size < der.size(); size += 7) {
    EXPECT_EQ(Certificate::parse(ByteView(der).first(size)).error(), Error::bad_certificate);
  }
  // BER: an outer length in one octet more than needed.
  Bytes spelled = {0x30, 0x83, 0x00};
  ASSERT_EQ(der[1], 0x82);
  append(spelled, ByteView(der).subspan(2));
  EXPECT_EQ(Certificate::parse(spelled).error(), Error::bad_certificate);
}

TEST(Certificate, RequestsOutsideTheLimitsAreRefused) {
  const SigningKey key = SigningKey::generate(SignatureAlgorithm::ecdsa_p256_sha256).value();
  const auto refused = [&key](auto change) {
    CertificateRequest wanted = device_request();
    change(wanted);
    const auto issued = issue_self_signed(key, wanted);
    return !issued && issued.error() == Error::bad_certificate;
  };
  using R = CertificateRequest;
  EXPECT_FALSE(refused([](R&) {}));
  EXPECT_TRUE(refused([](R& r) { r.common_name.clear(); }));
  EXPECT_TRUE(refused([](R& r) { r.common_name = std::string(65, 'x'); }));
  EXPECT_TRUE(refused([](R& r) { r.common_name = std::string("a\0b", 3); }));
  EXPECT_TRUE(refused([](R& r) { r.organization = std::string(65, 'x'); }));
  EXPECT_TRUE(refused([](R& r) { r.serial.clear(); }));
  EXPECT_TRUE(refused([](R& r) { r.serial = Bytes(3, 0); }));
  EXPECT_TRUE(refused([](R& r) { r.serial = Bytes(20, 0xff); }));
  EXPECT_FALSE(refused([](R& r) { r.serial = Bytes(20, 0x7f); }));
  EXPECT_TRUE(refused([](R& r) { std::swap(r.validity.not_before, r.validity.not_after); }));
  EXPECT_TRUE(refused([](R& r) { r.uris = {"urn:a b"}; }));
  EXPECT_TRUE(refused([](R& r) { r.dns_names = {"h\xc3\xb6st"}; }));
  EXPECT_TRUE(refused([](R& r) { r.ip_addresses = {Bytes(5)}; }));
}

TEST(Certificate, HoldsTimesOnBothSidesOf2050) {
  const SigningKey key = SigningKey::generate(SignatureAlgorithm::ecdsa_p256_sha256).value();
  const std::int64_t end_of_2049 = 2'524'607'999 * kSecond;
  for (const Validity validity : {Validity{0, end_of_2049}, Validity{end_of_2049, end_of_2049 + kSecond},
                                  Validity{-kSecond, 253'402'300'799 * kSecond}}) {
    const Certificate certificate = issue_self_signed(key, device_request(validity)).value();
    EXPECT_EQ(certificate.validity().not_before, validity.not_before);
    EXPECT_EQ(certificate.validity().not_after, validity.not_after);
  }
  // Fractions of a second are cut.
  EXPECT_EQ(issue_self_signed(key, device_request({kNow + 999'999, kNow + kDay}))->validity().not_before,
            kNow);
}

/// A certificate that OpenSSL makes by itself, for what `issue_self_signed` refuses to make.
Bytes foreign_certificate(EVP_PKEY* key, const std::string& uri, bool authority = false) {
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  GENERAL_NAMES* names = sk_GENERAL_NAME_new_null();
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, uri.data(), static_cast<int>(uri.size()));
  GENERAL_NAME_set0_value(name, GEN_URI, text);
  sk_GENERAL_NAME_push(names, name);
  X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
  GENERAL_NAMES_free(names);
  if (authority) {
    BASIC_CONSTRAINTS* constraints = BASIC_CONSTRAINTS_new();
    constraints->ca = 0xff;
    X509_add1_ext_i2d(certificate, NID_basic_constraints, constraints, 1, X509V3_ADD_DEFAULT);
    BASIC_CONSTRAINTS_free(constraints);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, as_bytes("A").data(),
                               1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  }
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  X509_free(certificate);
  return bytes;
}

TEST(Certificate, WithAKeyThatNoSuiteHasParsesButGivesNoKey) {
  EVP_PKEY* rsa = EVP_RSA_gen(2048);
  const Certificate certificate = Certificate::parse(foreign_certificate(rsa, kDeviceId)).value();
  EXPECT_EQ(certificate.uris(), std::vector{kDeviceId});
  ASSERT_FALSE(certificate.key());
  EXPECT_EQ(certificate.key().error(), Error::unsupported);
  EVP_PKEY_free(rsa);
}

// RFC 5280 §4.2.1.2, §4.2.1.3: an authority names its key and what the key is for.
TEST(Certificate, OfAnAuthorityWithoutWhatRfc5280DemandsIsNoAnchor) {
  const SigningKey signer = SigningKey::generate(SignatureAlgorithm::ecdsa_p256_sha256).value();
  const SecretBytes text = to_pem(signer);
  BIO* reader = BIO_new_mem_buf(text.view().data(), static_cast<int>(text.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(reader, nullptr, nullptr, nullptr);
  BIO_free(reader);
  const Certificate bare = Certificate::parse(foreign_certificate(key, kDeviceId, true)).value();
  EVP_PKEY_free(key);
  EXPECT_TRUE(bare.is_authority());
  const Certificate leaf =
      issue_certificate(signer, bare, public_half(signer), device_request(bare.validity())).value();
  EXPECT_FALSE(leaf.verify_issued_by(bare, bare.validity().not_before));
}

// RFC 9420 §5.1.1.
TEST(Certificate, WithACompressedPointGivesNoKey) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key, "point-format", "compressed"), 1);
  const auto compressed = Certificate::parse(foreign_certificate(key, kDeviceId));
  ASSERT_FALSE(compressed->key());
  EXPECT_EQ(compressed->key().error(), Error::bad_key);
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key, "point-format", "uncompressed"), 1);
  EXPECT_TRUE(Certificate::parse(foreign_certificate(key, kDeviceId))->key());
  EVP_PKEY_free(key);
}

TEST(Certificate, WithAUriThatTwoReadersCouldReadDifferentlyIsRefused) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  for (const std::string& uri : {kDeviceId + std::string("\0.evil", 6), kDeviceId + "\n", kDeviceId + " "}) {
    EXPECT_EQ(Certificate::parse(foreign_certificate(key, uri)).error(), Error::bad_certificate);
  }
  EVP_PKEY_free(key);
}

TEST(Der, EncodesAsX690) {
  EXPECT_EQ(to_hex(der::integer(Bytes{})), "020100");
  EXPECT_EQ(to_hex(der::integer(Bytes{0, 0, 0x7f})), "02017f");
  EXPECT_EQ(to_hex(der::integer(Bytes{0x80})), "02020080");
  EXPECT_EQ(to_hex(der::object_identifier({1, 2, 840, 113549})), "06062a864886f70d");
  EXPECT_EQ(to_hex(der::object_identifier({2, 5, 29, 17})), "0603551d11");
  EXPECT_EQ(to_hex(ByteView(der::octet_string(Bytes(200))).first(4)), "0481c800");
  EXPECT_EQ(to_hex(ByteView(der::octet_string(Bytes(256))).first(4)), "04820100");
  EXPECT_EQ(to_hex(der::bit_string(Bytes{0x80}, 7)), "03020780");
  EXPECT_EQ(as_text(ByteView(der::time(0)).subspan(2)), "700101000000Z");
  EXPECT_EQ(as_text(ByteView(der::time(2'524'608'000 * kSecond)).subspan(2)), "20500101000000Z");
}

TEST(Pem, CertificatesAndKeysSurviveTheTextForm) {
  for (const SignatureAlgorithm algorithm :
       {SignatureAlgorithm::ecdsa_p256_sha256, SignatureAlgorithm::ecdsa_p384_sha384,
        SignatureAlgorithm::ecdsa_p521_sha512, SignatureAlgorithm::ed25519, SignatureAlgorithm::ed448}) {
    const SigningKey key = SigningKey::generate(algorithm).value();
    const SecretBytes text = to_pem(key);
    EXPECT_TRUE(as_text(text.view()).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const SigningKey again = signing_key_from_pem(text.view()).value();
    EXPECT_EQ(again.algorithm(), algorithm);
    EXPECT_EQ(again.public_key(), key.public_key());
    const Certificate certificate = issue_self_signed(key, device_request()).value();
    EXPECT_EQ(certificate_from_pem("preamble\n" + to_pem(certificate))->der(), certificate.der());
  }
  EXPECT_EQ(certificate_from_pem("nothing here").error(), Error::bad_certificate);
  EXPECT_EQ(signing_key_from_pem(as_bytes("nothing here")).error(), Error::bad_key);
}

TEST(TlsIdentity, IsWhatATlsServerAndItsClientsAccept) {
  const std::vector<std::string> hosts = {"localhost", "wardline.clinic.example", "127.0.0.1", "::1"};
  const TlsIdentity identity = make_self_signed_tls_identity(hosts, kYear).value();
  const Certificate certificate = certificate_from_pem(identity.certificate_pem).value();
  const SigningKey key = signing_key_from_pem(identity.key_pem.view()).value();
  EXPECT_EQ(certificate.key()->raw(), key.public_key());
  EXPECT_FALSE(certificate.is_authority());

  const unsigned char* der = certificate.der().data();
  X509* parsed = d2i_X509(nullptr, &der, static_cast<long>(certificate.der().size()));
  ASSERT_NE(parsed, nullptr);
  EXPECT_EQ(X509_check_host(parsed, "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(parsed, "wardline.clinic.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(parsed, "elsewhere.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(parsed, "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(parsed, "::1", 0), 1);
  EXPECT_EQ(X509_check_purpose(parsed, X509_PURPOSE_SSL_SERVER, 0), 1);
  SSL_CTX* server = SSL_CTX_new(TLS_server_method());
  EXPECT_EQ(SSL_CTX_use_certificate(server, parsed), 1);
  SSL_CTX_free(server);
  X509_free(parsed);

  EXPECT_EQ(make_self_signed_tls_identity({}, kYear).error(), Error::bad_certificate);
  EXPECT_EQ(make_self_signed_tls_identity(std::vector<std::string>{"a b"}, kYear).error(),
            Error::bad_certificate);
}

}  // namespace
}  // namespace wardline::crypto
