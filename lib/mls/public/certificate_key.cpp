#include "lib/mls/public/leaf_validation.h"

namespace wardline::mls {

// RFC 9420 §5.3: the end-entity certificate comes first, and its public key is the signature key.
// FIXME §5.3: until certificates can be read, none is accepted.
Result<void> check_certificate_key(const Credential& credential, const SignaturePublicKey&) {
  return require(credential.type() != CredentialType::x509, Rule::credential_certificate_key);
}

}  // namespace wardline::mls
