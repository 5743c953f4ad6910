#include "lib/crypto/x509/certificate.h"
#include "lib/mls/public/leaf_validation.h"

namespace wardline::mls {
namespace {

bool certifies(const Bytes& certificate, const SignaturePublicKey& key) {
  const auto parsed = crypto::Certificate::parse(certificate);
  return parsed && parsed->key() && parsed->key()->raw() == key;
}

}  // namespace

Result<void> check_certificate_key(const Credential& credential, const SignaturePublicKey& key) {
  const auto* x509 = std::get_if<X509Credential>(&credential.value);
  if (!x509) return {};
  // RFC 9420 §5.3: the end-entity certificate comes first, and its public key is the signature key.
  const bool fits = !x509->certificates.empty() && certifies(x509->certificates.front(), key);
  return require(fits, Rule::credential_certificate_key);
}

}  // namespace wardline::mls
