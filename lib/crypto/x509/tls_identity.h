// What a server needs to speak TLS before its administrator has given it a certificate: a self-signed one.
#pragma once

#include <span>

#include "lib/crypto/x509/certificate.h"

namespace wardline::crypto {

struct TlsIdentity {
  std::string certificate_pem;
  SecretBytes key_pem;
};

/// A new P-256 key and a certificate for `hosts`, which are DNS names or IPv4 or IPv6 addresses in their
/// usual text form; at least one, else `bad_certificate`.
Result<TlsIdentity> make_self_signed_tls_identity(std::span<const std::string> hosts,
                                                  const Validity& validity);

}  // namespace wardline::crypto
