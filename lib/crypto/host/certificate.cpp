#include "lib/crypto/x509/certificate.h"

#include "lib/crypto/x509/fields.h"

namespace wardline::crypto {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;

Result<VerificationKey> key_of(const CertificateFields& fields) {
  if (!fields.key_algorithm) return std::unexpected(Error::unsupported);
  return VerificationKey::from_raw(*fields.key_algorithm, fields.key);
}

}  // namespace

struct Certificate::Parsed {
  Bytes der;
  CertificateFields fields;
  Result<VerificationKey> key;
  /// Of one that names itself as its issuer, worked out when it is first asked for.
  mutable std::optional<bool> signed_itself;

  bool verifies_under(const Result<VerificationKey>& issuer) const {
    // RFC 5758 lets any hash go with any curve; a suite has one pair each, and so have our authorities.
    return issuer && fields.signature_algorithm == issuer->algorithm() &&
           issuer->verify(fields.to_be_signed, fields.signature).has_value();
  }
  bool is_whole() const {
    if (fields.issuer.der != fields.subject.der) return true;
    if (!signed_itself) signed_itself = verifies_under(key);
    return *signed_itself;
  }
};

Result<Certificate> Certificate::parse(ByteView der) {
  if (der.empty() || der.size() > 0xffff) return std::unexpected(Error::bad_certificate);
  auto fields = read_certificate(der);
  if (!fields) return std::unexpected(fields.error());
  auto key = key_of(*fields);
  return Certificate(
      std::make_shared<const Parsed>(Parsed{to_bytes(der), std::move(*fields), std::move(key), {}}));
}

const Bytes& Certificate::der() const { return parsed_->der; }
const std::string& Certificate::subject() const { return parsed_->fields.subject.text; }
const std::string& Certificate::issuer() const { return parsed_->fields.issuer.text; }
const std::string& Certificate::common_name() const { return parsed_->fields.subject.common_name; }
const Bytes& Certificate::subject_name() const { return parsed_->fields.subject.der; }
const Bytes& Certificate::subject_key_identifier() const { return parsed_->fields.subject_key_identifier; }
const Bytes& Certificate::serial() const { return parsed_->fields.serial; }
const Validity& Certificate::validity() const { return parsed_->fields.validity; }
const std::vector<std::string>& Certificate::uris() const { return parsed_->fields.uris; }
bool Certificate::is_authority() const { return parsed_->fields.is_authority; }
const Result<VerificationKey>& Certificate::key() const { return parsed_->key; }

bool Certificate::is_valid_at(std::int64_t microseconds) const {
  // The last second counts to its end.
  return microseconds >= validity().not_before && microseconds < validity().not_after + kMicroseconds;
}

Result<void> Certificate::verify_issued_by(const Certificate& authority, std::int64_t at) const {
  // RFC 5280 §6.1.3, §6.1.4.
  const Parsed& theirs = *authority.parsed_;
  if (!is_valid_at(at) || !authority.is_valid_at(at) || !may_have_issued(theirs.fields, parsed_->fields) ||
      !parsed_->verifies_under(theirs.key) || !theirs.is_whole()) {
    return std::unexpected(Error::bad_certificate);
  }
  return {};
}

}  // namespace wardline::crypto
