// The fields of a certificate (RFC 5280 §4.1), read without a crypto library: what the browser backend builds
// `Certificate` on. Knows the extensions that our own certificates have, and refuses others that are
// critical.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/crypto/error.h"
#include "lib/crypto/suite.h"
#include "lib/crypto/x509/certificate.h"

namespace wardline::crypto {

/// A distinguished name: its DER, as text by RFC 4514, and its last common name.
struct NameFields {
  Bytes der;
  std::string text;
  std::string common_name;
};

struct CertificateFields {
  Bytes to_be_signed;                                     ///< tbsCertificate, whole
  std::optional<SignatureAlgorithm> signature_algorithm;  ///< nothing: one that no suite has
  Bytes signature;                                        ///< as certificates and MLS both carry it
  Bytes serial;                                           ///< big-endian, no leading zeros
  NameFields issuer;
  NameFields subject;
  Validity validity;
  std::optional<SignatureAlgorithm> key_algorithm;  ///< nothing: one that no suite has
  Bytes key;                                        ///< as in RFC 9420 §5.1.1
  std::vector<std::string> uris;
  Bytes subject_key_identifier;       ///< empty if there is none
  Bytes authority_key_identifier;     ///< likewise
  bool is_authority = false;          ///< by basicConstraints and keyUsage
  bool may_sign_certificates = true;  ///< by keyUsage alone, if it is there
  bool has_key_usage = false;
  bool has_critical_constraints = false;        ///< basicConstraints that are marked so
  bool has_critical_key_identifier = false;     ///< one of the two, which never is
  bool has_unknown_critical_extension = false;  ///< then nobody may rely on the certificate
};

/// `bad_certificate` for anything but exactly one certificate of version 3 in DER.
Result<CertificateFields> read_certificate(ByteView der);

/// Whether `authority` may have issued `certificate` by what RFC 5280 demands of both but dates and
/// signature. As strict as OpenSSL with X509_V_FLAG_X509_STRICT, so that browsers and programs trust the same
/// certificates.
bool may_have_issued(const CertificateFields& authority, const CertificateFields& certificate);

}  // namespace wardline::crypto
