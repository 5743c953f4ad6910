#include "lib/mls/member/encryption.h"

namespace wardline::mls {
namespace {

// RFC 9420 §5.1.3: struct { opaque label<V> = "MLS 1.0 " + Label; opaque context<V>; } EncryptContext
Bytes encrypt_context(std::string_view label, ByteView context) {
  tls::Writer out;
  tls::write(out, "MLS 1.0 " + std::string(label));
  out.opaque(context);
  return out.take();
}

}  // namespace

LabeledEncryption::LabeledEncryption(const Suite& suite, std::string_view label, ByteView context)
    : sealer_(suite, encrypt_context(label, context)) {}

crypto::Result<HpkeCiphertext> LabeledEncryption::encrypt(const HpkePublicKey& key,
                                                          ByteView plaintext) const {
  auto sealed = sealer_.seal(key, {}, plaintext);
  if (!sealed) return std::unexpected(sealed.error());
  return HpkeCiphertext{std::move(sealed->kem_output), std::move(sealed->ciphertext)};
}

crypto::Result<SecretBytes> decrypt_with_label(const Suite& suite, const crypto::HpkePrivateKey& key,
                                               std::string_view label, ByteView context,
                                               const HpkeCiphertext& ciphertext) {
  return crypto::hpke_open(suite, key, ciphertext.kem_output, encrypt_context(label, context), {},
                           ciphertext.ciphertext);
}

}  // namespace wardline::mls
