// Making certificates: the organisation's device authority, device certificates, and TLS certificates. Signs
// through `Signer`, so that the authority's key may live in an HSM.
#pragma once

#include "lib/crypto/x509/certificate.h"

namespace wardline::crypto {

enum class CertificateRole : std::uint8_t {
  authority,   ///< signs device certificates, and nothing below them does
  device,      ///< a leaf of MLS groups: signs messages
  tls_server,  ///< serves the web client
};

struct CertificateRequest {
  CertificateRole role = CertificateRole::device;
  std::string common_name;   ///< 1 to 64 bytes of UTF-8
  std::string organization;  ///< up to 64 bytes; empty for none
  Bytes serial;              ///< big-endian, positive, up to 20 octets in DER; see `random_serial`
  Validity validity;
  std::vector<std::string> uris;       ///< a device's id: "urn:uuid:…"
  std::vector<std::string> dns_names;  ///< a server's names
  std::vector<Bytes> ip_addresses;     ///< a server's addresses: 4 or 16 bytes
};

/// 16 random bytes with the first bit clear (RFC 5280 §4.1.2.2 wants a positive number).
Bytes random_serial();

/// A certificate for the signer's own key. `bad_certificate` for a request outside the limits above.
Result<Certificate> issue_self_signed(const Signer& signer, const CertificateRequest& request);

/// A certificate for `subject_key`. `bad_certificate` also if `authority` may not sign or has another key
/// than `signer`.
Result<Certificate> issue_certificate(const Signer& signer, const Certificate& authority,
                                      const VerificationKey& subject_key, const CertificateRequest& request);

}  // namespace wardline::crypto
