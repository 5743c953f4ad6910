// What lib/crypto takes from outside: keys, signatures in both forms, HPKE ciphertexts, of every cipher
// suite.
#include "lib/crypto/aead.h"
#include "lib/crypto/ecdsa_form.h"
#include "lib/crypto/hpke.h"
#include "lib/crypto/signature.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/repeatable_random.h"

namespace wardline::fuzz {
namespace {

using namespace crypto;

void check_signature_forms(Input& input, std::size_t field) {
  const ByteView der = input.rest();
  if (const auto joined = ecdsa_joined_from_der(der, field)) {
    FUZZ_CHECK(joined->size() == 2 * field, "both halves have the field's size");
    FUZZ_CHECK(equal(ecdsa_der_from_joined(*joined), der), "a signature has one DER form");
  }
  const ByteView joined = der.first(std::min(der.size(), 2 * field));
  if (joined.size() != 2 * field) return;
  const auto back = ecdsa_joined_from_der(ecdsa_der_from_joined(joined), field);
  FUZZ_CHECK(!back || equal(*back, joined), "a signature survives its other form");
}

void check_keys(const Suite& suite, Input& input) {
  const ByteView raw = input.bytes();
  if (const auto key = VerificationKey::from_raw(suite.signature, raw)) {
    FUZZ_CHECK(equal(key->raw(), raw), "a key has one raw form");
    const ByteView signature = input.bytes();
    static_cast<void>(key->verify(input.rest(), signature));
  }
  if (is_valid_hpke_public_key(suite, raw)) static_cast<void>(hpke_seal(suite, raw, {}, {}, as_bytes("x")));
  if (const auto key = HpkePrivateKey::from_raw(suite, raw))
    FUZZ_CHECK(key->public_key().size() == suite.kem_public_size,
               "a private key has a public half of its KEM's size");
  if (const auto key = SigningKey::from_raw(suite.signature, raw)) {
    const auto signature = key->sign(as_bytes("text"));
    const auto verifier = VerificationKey::from_raw(suite.signature, key->public_key());
    FUZZ_CHECK(signature && verifier && verifier->verify(as_bytes("text"), *signature),
               "whoever signs is believed");
  }
}

/// Ciphertexts altered after they were sealed, and made up.
void check_hpke(const Suite& suite, Input& input) {
  const auto key = HpkePrivateKey::derive(suite, Bytes(suite.kem_private_size, 3)).value();
  const auto sealed =
      hpke_seal(suite, key.public_key(), as_bytes("info"), as_bytes("data"), as_bytes("plain text")).value();
  const bool spoil_key = input.flag();
  const Bytes enc = spoil_key ? damaged(sealed.kem_output, {}, input) : sealed.kem_output;
  const Bytes ciphertext =
      spoil_key ? sealed.ciphertext : damaged(sealed.ciphertext, sealed.kem_output, input);
  const bool same = enc == sealed.kem_output && ciphertext == sealed.ciphertext;
  const auto opened = hpke_open(suite, key, enc, as_bytes("info"), as_bytes("data"), ciphertext);
  // RFC 7748 §5: X25519 ignores the highest bit of the point, and the KEM context then differs: it must not
  // open.
  FUZZ_CHECK(opened.has_value() == same, "what was altered does not open");
  const ByteView other = input.bytes();
  static_cast<void>(hpke_receive_export(suite, key, other, {}, {}, 32));
  static_cast<void>(hpke_open(suite, key, other, {}, {}, input.rest()));
}

void check_aead(const Suite& suite, Input& input) {
  const Bytes key(suite.key_size, 5), nonce(suite.nonce_size, 6);
  const Bytes sealed = aead_seal(suite.aead, key, nonce, as_bytes("data"), input.bytes()).value();
  const Bytes altered = damaged(sealed, {}, input);
  FUZZ_CHECK(aead_open(suite.aead, key, nonce, as_bytes("data"), altered).has_value() == (altered == sealed),
             "what was altered does not open");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  using namespace wardline::fuzz;
  repeat_random_from(1);
  Input input(data, size);
  const crypto::Suite& suite = *crypto::find_suite(static_cast<crypto::CipherSuite>(1 + input.below(7)));
  switch (input.below(4)) {
    case 0: {
      constexpr std::size_t kFields[] = {32, 48, 66};
      check_signature_forms(input, kFields[static_cast<std::size_t>(suite.id) % 3]);
      break;
    }
    case 1:
      check_keys(suite, input);
      break;
    case 2:
      check_hpke(suite, input);
      break;
    default:
      check_aead(suite, input);
  }
  return 0;
}
