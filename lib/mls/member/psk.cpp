#include "lib/mls/member/psk.h"

#include "lib/crypto/hash.h"
#include "lib/mls/member/key_schedule.h"
#include "lib/mls/member/labels.h"

namespace wardline::mls {

Result<std::vector<Psk>> find_psks(std::span<const PreSharedKeyId> ids, const KnownPsks& known,
                                   const PskStore* store) {
  std::vector<Psk> psks;
  for (const PreSharedKeyId& id : ids) {
    auto secret = known ? known(id) : std::nullopt;
    if (!secret && store) secret = store->find(id);
    // RFC 9420 §8.4, §12.4.3.1: who does not have a PSK can neither follow nor join.
    if (!secret) return broken(Rule::psk_available);
    psks.push_back({id, std::move(*secret)});
  }
  return psks;
}

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
