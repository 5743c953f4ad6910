// RFC 9420 §5.1, §5.2, §8, §9: the labelled primitives.
#include "lib/mls/member/encryption.h"
#include "lib/mls/member/labels.h"
#include "lib/mls/public/labels.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

void check_signature(const crypto::Suite& suite, const Case& sign) {
  const Bytes content = sign.bytes("content");
  const std::string label = sign.text("label");
  const auto key = require("sign pub", crypto::VerificationKey::from_raw(suite.signature, sign.bytes("pub")));
  expect("signature", mls::verify_with_label(key, label, content, sign.bytes("signature")));
  const auto signer = sign.signing_key(suite, "priv");
  expect_equal("public key of the signer", signer.public_key(), sign.bytes("pub"));
  const Bytes own = require("signing", mls::sign_with_label(signer, label, content));
  expect("our own signature", mls::verify_with_label(key, label, content, own));
  expect("a signature under another label fails", !mls::verify_with_label(key, label + "x", content, own));
}

void check_encryption(const crypto::Suite& suite, const Case& encrypt) {
  const std::string label = encrypt.text("label");
  const Bytes context = encrypt.bytes("context");
  const Bytes plaintext = encrypt.bytes("plaintext");
  const auto key = encrypt.hpke_key(suite, "priv");
  const auto opened =
      require("decrypt", mls::decrypt_with_label(suite, key, label, context,
                                                 {encrypt.bytes("kem_output"), encrypt.bytes("ciphertext")}));
  expect_equal("plaintext", opened.view(), plaintext);
  const auto sealed = require(
      "encrypt", mls::LabeledEncryption(suite, label, context).encrypt(encrypt.bytes("pub"), plaintext));
  const auto again = require("decrypt our own", mls::decrypt_with_label(suite, key, label, context, sealed));
  expect_equal("our own plaintext", again.view(), plaintext);
  expect("another label fails",
         !mls::decrypt_with_label(suite, key, label + "x", context, sealed).has_value());
}

}  // namespace

void check_crypto_basics(const Case& a_case) {
  const crypto::Suite& suite = a_case.suite();
  const Case expand = a_case.object("expand_with_label");
  expect_equal("expand_with_label",
               mls::expand_with_label(suite, expand.bytes("secret"), expand.text("label"),
                                      expand.bytes("context"), expand.number("length"))
                   .view(),
               expand.bytes("out"));
  const Case derive = a_case.object("derive_secret");
  expect_equal("derive_secret",
               mls::derive_secret(suite, derive.bytes("secret"), derive.text("label")).view(),
               derive.bytes("out"));
  const Case tree = a_case.object("derive_tree_secret");
  expect_equal(
      "derive_tree_secret",
      mls::derive_tree_secret(suite, tree.bytes("secret"), tree.text("label"),
                              static_cast<std::uint32_t>(tree.number("generation")), tree.number("length"))
          .view(),
      tree.bytes("out"));
  const Case ref = a_case.object("ref_hash");
  expect_equal("ref_hash", mls::ref_hash(suite, ref.text("label"), ref.bytes("value")), ref.bytes("out"));
  check_signature(suite, a_case.object("sign_with_label"));
  check_encryption(suite, a_case.object("encrypt_with_label"));
}

}  // namespace wardline::mls_vectors
