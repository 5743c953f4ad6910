#include "lib/crypto/x509/issue.h"

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/crypto/x509/der.h"

namespace wardline::crypto {
namespace {

constexpr std::size_t kLongestName = 64;  // RFC 5280 appendix A.1: ub-common-name, ub-organization-name.

/// Who signs: the issuer's name, key identifier and key.
struct Issuer {
  const Signer& signer;
  Bytes name;
  Bytes key_identifier;
};

Bytes signature_algorithm(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    // RFC 5758 §3.2: ecdsa-with-SHA256, -SHA384, -SHA512, without parameters.
    case SignatureAlgorithm::ecdsa_p256_sha256:
      return der::sequence({der::object_identifier({1, 2, 840, 10045, 4, 3, 2})});
    case SignatureAlgorithm::ecdsa_p384_sha384:
      return der::sequence({der::object_identifier({1, 2, 840, 10045, 4, 3, 3})});
    case SignatureAlgorithm::ecdsa_p521_sha512:
      return der::sequence({der::object_identifier({1, 2, 840, 10045, 4, 3, 4})});
    // RFC 8410 §3: id-Ed25519, id-Ed448.
    case SignatureAlgorithm::ed25519:
      return der::sequence({der::object_identifier({1, 3, 101, 112})});
    case SignatureAlgorithm::ed448:
      break;
  }
  return der::sequence({der::object_identifier({1, 3, 101, 113})});
}

/// RFC 5480 §2.1 and RFC 8410 §4.
Bytes subject_public_key_info(SignatureAlgorithm algorithm, ByteView raw) {
  const auto on_curve = [raw](const Bytes& curve) {
    const Bytes ec_public_key = der::object_identifier({1, 2, 840, 10045, 2, 1});
    return der::sequence({der::sequence({ec_public_key, curve}), der::bit_string(raw)});
  };
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_p256_sha256:
      return on_curve(der::object_identifier({1, 2, 840, 10045, 3, 1, 7}));
    case SignatureAlgorithm::ecdsa_p384_sha384:
      return on_curve(der::object_identifier({1, 3, 132, 0, 34}));
    case SignatureAlgorithm::ecdsa_p521_sha512:
      return on_curve(der::object_identifier({1, 3, 132, 0, 35}));
    case SignatureAlgorithm::ed25519:
    case SignatureAlgorithm::ed448:
      break;
  }
  return der::sequence(
      {signature_algorithm(algorithm), der::bit_string(raw)});  // The same identifier for both uses.
}

/// RFC 7093 §2 (1): the first 160 bits of the SHA-256 of the public key.
Bytes key_identifier_of(ByteView raw) {
  Bytes identifier = sha256(raw);
  identifier.resize(20);
  return identifier;
}

Bytes distinguished_name(const CertificateRequest& request) {
  const auto part = [](std::uint32_t type, const std::string& text) {
    if (text.empty()) return Bytes{};
    const Bytes attribute = der::object_identifier({2, 5, 4, type});
    return der::set({der::sequence({attribute, der::utf8_string(text)})});
  };
  constexpr std::uint32_t kOrganization = 10;
  constexpr std::uint32_t kCommonName = 3;
  return der::sequence({part(kOrganization, request.organization), part(kCommonName, request.common_name)});
}

enum class Critical : bool { no, yes };

/// RFC 5280 §4.1.2.9; `number` is the arc below id-ce.
Bytes extension(std::uint32_t number, Critical critical, ByteView value) {
  const Bytes flag = critical == Critical::yes ? der::true_value() : Bytes{};
  return der::sequence({der::object_identifier({2, 5, 29, number}), flag, der::octet_string(value)});
}

/// RFC 5280 §4.2.1.6: GeneralName is [6] for a URI, [2] for a DNS name, [7] for an address.
Bytes subject_alternative_names(const CertificateRequest& request) {
  Bytes names;
  for (const std::string& uri : request.uris) append(names, der::implicit_context(6, as_bytes(uri)));
  for (const std::string& name : request.dns_names) append(names, der::implicit_context(2, as_bytes(name)));
  for (const Bytes& address : request.ip_addresses) append(names, der::implicit_context(7, address));
  return names.empty() ? Bytes{} : extension(17, Critical::no, der::sequence({names}));
}

Bytes extensions(const Issuer& issuer, const CertificateRequest& request, ByteView subject_key) {
  const bool authority = request.role == CertificateRole::authority;
  Bytes all;
  // RFC 5280 §4.2.1.9: an authority of path length 0 signs leaves only.
  const Bytes constraints =
      authority ? der::sequence({der::true_value(), der::integer(Bytes{0})}) : der::sequence({});
  append(all, extension(19, Critical::yes, constraints));
  // RFC 5280 §4.2.1.3: bits 5 and 6 are keyCertSign and cRLSign, bit 0 is digitalSignature.
  const Bytes usage = authority ? der::bit_string(Bytes{0x06}, 1) : der::bit_string(Bytes{0x80}, 7);
  append(all, extension(15, Critical::yes, usage));
  if (request.role == CertificateRole::tls_server) {
    const Bytes server_auth = der::object_identifier({1, 3, 6, 1, 5, 5, 7, 3, 1});
    append(all, extension(37, Critical::no, der::sequence({server_auth})));
  }
  append(all, extension(14, Critical::no, der::octet_string(key_identifier_of(subject_key))));
  const Bytes authority_key = der::implicit_context(0, issuer.key_identifier);
  append(all, extension(35, Critical::no, der::sequence({authority_key})));
  append(all, subject_alternative_names(request));
  return all;
}

bool is_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_acceptable(const CertificateRequest& request) {
  const auto fits = [](const std::string& text) {
    return text.size() <= kLongestName && text.find('\0') == std::string::npos;
  };
  // RFC 5280 §4.1.2.2: a positive number of at most 20 octets.
  const Bytes serial = der::integer(request.serial);
  const bool good_serial = serial.size() <= 2 + 20 && serial != der::integer({});
  return good_serial && !request.common_name.empty() && fits(request.common_name) &&
         fits(request.organization) && request.validity.not_before <= request.validity.not_after &&
         std::ranges::all_of(request.uris, is_ascii) && std::ranges::all_of(request.dns_names, is_ascii) &&
         std::ranges::all_of(request.ip_addresses,
                             [](const Bytes& a) { return a.size() == 4 || a.size() == 16; });
}

/// RFC 5280 §4.1: tbsCertificate, signed.
Result<Certificate> issue(const Issuer& issuer, SignatureAlgorithm subject_algorithm, ByteView subject_key,
                          const CertificateRequest& request) {
  if (!is_acceptable(request)) return std::unexpected(Error::bad_certificate);
  const Bytes version_3 = der::explicit_context(0, der::integer(Bytes{2}));
  const Bytes algorithm = signature_algorithm(issuer.signer.algorithm());
  const Bytes validity =
      der::sequence({der::time(request.validity.not_before), der::time(request.validity.not_after)});
  const Bytes all_extensions =
      der::explicit_context(3, der::sequence({extensions(issuer, request, subject_key)}));
  const Bytes to_be_signed = der::sequence(
      {version_3, der::integer(request.serial), algorithm, issuer.name, validity, distinguished_name(request),
       subject_public_key_info(subject_algorithm, subject_key), all_extensions});
  const auto signature = issuer.signer.sign(to_be_signed);
  if (!signature) return std::unexpected(signature.error());
  return Certificate::parse(der::sequence({to_be_signed, algorithm, der::bit_string(*signature)}));
}

}  // namespace

Bytes random_serial() {
  Bytes serial = random_bytes(16);
  serial[0] =
      static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);  // Positive, and always of the same length.
  return serial;
}

Result<Certificate> issue_self_signed(const Signer& signer, const CertificateRequest& request) {
  const Issuer self{signer, distinguished_name(request), key_identifier_of(signer.public_key())};
  return issue(self, signer.algorithm(), signer.public_key(), request);
}

Result<Certificate> issue_certificate(const Signer& signer, const Certificate& authority,
                                      const VerificationKey& subject_key, const CertificateRequest& request) {
  const auto& authority_key = authority.key();
  if (!authority.is_authority() || !authority_key || authority_key->raw() != signer.public_key() ||
      authority_key->algorithm() != signer.algorithm()) {
    return std::unexpected(Error::bad_certificate);
  }
  Bytes identifier = authority.subject_key_identifier();
  if (identifier.empty()) identifier = key_identifier_of(signer.public_key());
  const Issuer issuer{signer, authority.subject_name(), std::move(identifier)};
  return issue(issuer, subject_key.algorithm(), subject_key.raw(), request);
}

}  // namespace wardline::crypto
