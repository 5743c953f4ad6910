#include "lib/crypto/x509/certificate.h"

#include <chrono>
#include <ctime>
#include <optional>

#include <openssl/x509v3.h>

#include "lib/crypto/openssl/must.h"
#include "lib/crypto/openssl/pkey.h"

namespace wardline::crypto {
namespace {

using X509Ptr = Owned<X509, X509_free>;
constexpr std::int64_t kMicroseconds = 1'000'000;

Bytes name_bytes(const X509_NAME* name) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &data, &size) != 1) return {};
  return {data, data + size};
}

std::string name_text(const X509_NAME* name) {
  const Owned<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
  must(out != nullptr);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string last_common_name(const X509_NAME* name) {
  int index = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(name, NID_commonName, next)) >= 0;) index = next;
  if (index < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  std::string result(reinterpret_cast<char*>(text), static_cast<std::size_t>(std::max(size, 0)));
  OPENSSL_free(text);
  return result;
}

std::optional<std::int64_t> microseconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + parts.tm_hour) * 60 + parts.tm_min) * 60 + parts.tm_sec) * kMicroseconds;
}

Bytes serial_of(const X509* certificate) {
  const Owned<BIGNUM, BN_free> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!number || BN_is_negative(number.get())) return {};
  Bytes serial(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), serial.data());
  return serial;
}

/// Nothing if the extension is there but cannot be read, or holds a URI that is not printable ASCII (RFC 5280
/// §4.2.1.6): a NUL inside would let two readers see two different ids.
std::optional<std::vector<std::string>> uris_of(const X509* certificate) {
  int found = 0;
  const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &found, nullptr)));
  std::vector<std::string> uris;
  if (!names) return found == -1 ? std::optional(uris) : std::nullopt;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<std::size_t>(ASN1_STRING_length(uri)));
    if (std::ranges::any_of(uris.back(), [](char c) { return c <= 0x20 || c >= 0x7f; })) return std::nullopt;
  }
  return uris;
}

Result<VerificationKey> key_of(const X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return refused(Error::bad_key);
  const auto algorithm = signature_algorithm_of(key);
  if (!algorithm) return refused(Error::unsupported);
  // The bits as they stand, since OpenSSL would expand a compressed point, which RFC 9420 §5.1.1 does not
  // admit.
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(certificate);
  return VerificationKey::from_raw(
      *algorithm, {ASN1_STRING_get0_data(bits), static_cast<std::size_t>(ASN1_STRING_length(bits))});
}

/// d2i also takes BER around the signed part: a second spelling of the same certificate. What is read must be
/// what OpenSSL would write.
X509Ptr parse_strictly(ByteView der) {
  X509* made = X509_new_ex(library().context, library().properties.c_str());
  const unsigned char* position = der.data();
  if (made == nullptr || d2i_X509(&made, &position, static_cast<long>(der.size())) == nullptr) return nullptr;
  X509Ptr certificate(made);
  unsigned char* again = nullptr;
  const int size = i2d_X509(certificate.get(), &again);
  const bool same = size > 0 && equal({again, static_cast<std::size_t>(size)}, der);
  OPENSSL_free(again);
  return same ? std::move(certificate) : nullptr;
}

}  // namespace

struct Certificate::Parsed {
  X509Ptr certificate;
  Bytes der;
  std::string subject;
  std::string issuer;
  std::string common_name;
  Bytes subject_name;
  Bytes subject_key_identifier;
  Bytes serial;
  Validity validity;
  std::vector<std::string> uris;
  bool is_authority = false;
  Result<VerificationKey> key;
};

Result<Certificate> Certificate::parse(ByteView der) {
  if (der.empty() || der.size() > 0xffff) return std::unexpected(Error::bad_certificate);
  X509Ptr certificate = parse_strictly(der);
  // Reading the flags makes OpenSSL look at all extensions once, and note whether any of them is broken.
  if (!certificate || (X509_get_extension_flags(certificate.get()) & EXFLAG_INVALID) != 0) {
    return refused(Error::bad_certificate);
  }
  X509* raw = certificate.get();
  const auto not_before = microseconds_of(X509_get0_notBefore(raw));
  const auto not_after = microseconds_of(X509_get0_notAfter(raw));
  auto uris = uris_of(raw);
  Bytes serial = serial_of(raw);
  if (!not_before || !not_after || !uris || serial.empty()) return refused(Error::bad_certificate);
  Bytes key_identifier;
  if (const ASN1_OCTET_STRING* found = X509_get0_subject_key_id(raw)) {
    key_identifier.assign(ASN1_STRING_get0_data(found),
                          ASN1_STRING_get0_data(found) + ASN1_STRING_length(found));
  }
  const X509_NAME* subject = X509_get_subject_name(raw);
  auto parsed = std::make_shared<const Parsed>(Parsed{
      .certificate = std::move(certificate),
      .der = to_bytes(der),
      .subject = name_text(subject),
      .issuer = name_text(X509_get_issuer_name(raw)),
      .common_name = last_common_name(subject),
      .subject_name = name_bytes(subject),
      .subject_key_identifier = std::move(key_identifier),
      .serial = std::move(serial),
      .validity = {*not_before, *not_after},
      .uris = std::move(*uris),
      .is_authority = X509_check_ca(raw) == 1,  // 1: version 3 with basicConstraints; others are guesses.
      .key = key_of(raw)});
  ERR_clear_error();
  return Certificate(std::move(parsed));
}

const Bytes& Certificate::der() const { return parsed_->der; }
const std::string& Certificate::subject() const { return parsed_->subject; }
const std::string& Certificate::issuer() const { return parsed_->issuer; }
const std::string& Certificate::common_name() const { return parsed_->common_name; }
const Bytes& Certificate::subject_name() const { return parsed_->subject_name; }
const Bytes& Certificate::subject_key_identifier() const { return parsed_->subject_key_identifier; }
const Bytes& Certificate::serial() const { return parsed_->serial; }
const Validity& Certificate::validity() const { return parsed_->validity; }
const std::vector<std::string>& Certificate::uris() const { return parsed_->uris; }
bool Certificate::is_authority() const { return parsed_->is_authority; }
const Result<VerificationKey>& Certificate::key() const { return parsed_->key; }

bool Certificate::is_valid_at(std::int64_t microseconds) const {
  // The last second counts to its end.
  return microseconds >= parsed_->validity.not_before &&
         microseconds < parsed_->validity.not_after + kMicroseconds;
}

Result<void> Certificate::verify_issued_by(const Certificate& authority, std::int64_t at) const {
  if (!is_valid_at(at) || !authority.is_valid_at(at) || !authority.is_authority()) {
    return std::unexpected(Error::bad_certificate);
  }
  const Owned<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const Owned<X509_STORE_CTX, X509_STORE_CTX_free> context(
      X509_STORE_CTX_new_ex(library().context, library().properties.c_str()));
  if (!store || !context || X509_STORE_add_cert(store.get(), authority.parsed_->certificate.get()) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), parsed_->certificate.get(), nullptr) != 1) {
    return refused(Error::provider_failure);
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  // Times are checked above: OpenSSL takes a certificate for expired in its last second, which RFC 5280
  // §4.1.2.5 includes.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN |
                                         X509_V_FLAG_CHECK_SS_SIGNATURE | X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_depth(rules, 0);       // Nothing between the two.
  X509_VERIFY_PARAM_set_auth_level(rules, 2);  // 112 bits: no SHA-1, no short keys.
  if (X509_verify_cert(context.get()) != 1) return refused(Error::bad_certificate);
  return {};
}

}  // namespace wardline::crypto
