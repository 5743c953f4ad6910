#include "lib/crypto/x509/tls_identity.h"

#include <arpa/inet.h>

#include "lib/crypto/x509/issue.h"
#include "lib/crypto/x509/pem.h"

namespace wardline::crypto {
namespace {

/// The bytes of an address, or none if the text is a name.
Bytes parse_address(const std::string& text) {
  Bytes address(16);
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  address.resize(4);
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return address;
  return {};
}

}  // namespace

Result<TlsIdentity> make_self_signed_tls_identity(std::span<const std::string> hosts,
                                                  const Validity& validity) {
  CertificateRequest request{.role = CertificateRole::tls_server,
                             .common_name = "Wardline",
                             .organization = {},
                             .serial = random_serial(),
                             .validity = validity,
                             .uris = {},
                             .dns_names = {},
                             .ip_addresses = {}};
  for (const std::string& host : hosts) {
    if (host.empty()) return std::unexpected(Error::bad_certificate);
    Bytes address = parse_address(host);
    if (address.empty()) {
      request.dns_names.push_back(host);
    } else {
      request.ip_addresses.push_back(std::move(address));
    }
  }
  if (hosts.empty()) return std::unexpected(Error::bad_certificate);
  const auto key = SigningKey::generate(SignatureAlgorithm::ecdsa_p256_sha256);
  if (!key) return std::unexpected(key.error());
  const auto certificate = issue_self_signed(*key, request);
  if (!certificate) return std::unexpected(certificate.error());
  return TlsIdentity{to_pem(*certificate), to_pem(*key)};
}

}  // namespace wardline::crypto
