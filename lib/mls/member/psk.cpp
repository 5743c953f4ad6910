#include "lib/mls/member/psk.h"

#include "lib/crypto/hash.h"
#include "lib/mls/member/key_schedule.h"
#include "lib/mls/member/labels.h"

namespace wardline::mls {

SecretBytes derive_psk_secret(const Suite& suite, std::span<const Psk> psks) {
  SecretBytes secret = zero_secret(suite);
  const SecretBytes zeros = zero_secret(suite);
  for (std::size_t i = 0; i < psks.size(); ++i) {
    // RFC 9420 §8.4: struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel
    tls::Writer label;
    tls::write(label, psks[i].id);
    label.uint(i, 2);
    label.uint(psks.size(), 2);
    const SecretBytes extracted = crypto::hkdf_extract(suite.hash, zeros.view(), psks[i].secret.view());
    const SecretBytes input =
        expand_with_label(suite, extracted.view(), "derived psk", label.bytes(), suite.hash_size);
    secret = crypto::hkdf_extract(suite.hash, input.view(), secret.view());
  }
  return secret;
}

}  // namespace wardline::mls
