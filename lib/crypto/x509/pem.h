// Certificates and private keys as the text that files and administrators exchange (RFC 7468).
#pragma once

#include "lib/crypto/x509/certificate.h"

namespace wardline::crypto {

std::string to_pem(const Certificate& certificate);
/// The first certificate in the text; `bad_certificate` if there is none.
Result<Certificate> certificate_from_pem(std::string_view text);

/// Unencrypted PKCS #8. Whoever stores it seals it.
SecretBytes to_pem(const SigningKey& key);
/// The first private key in the text, unencrypted; `bad_key` if there is none, `unsupported` for a type that
/// no suite has.
Result<SigningKey> signing_key_from_pem(ByteView text);

}  // namespace wardline::crypto
