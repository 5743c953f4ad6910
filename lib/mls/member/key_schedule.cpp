#include "lib/mls/member/key_schedule.h"

#include "lib/crypto/hash.h"
#include "lib/mls/member/labels.h"

namespace wardline::mls {
namespace {

// RFC 9420 §8 Figure 22: the secret between joiner and epoch secret, where the PSKs come in.
SecretBytes derive_intermediate_secret(const crypto::Suite& suite, const JoinerSecret& joiner,
                                       ByteView psk_secret) {
  return crypto::hkdf_extract(suite.hash, joiner.value.view(), psk_secret);
}

constexpr std::string_view kExternalInit = "MLS 1.0 external init secret";

}  // namespace

JoinerSecret derive_joiner_secret(const crypto::Suite& suite, ByteView init_secret, ByteView commit_secret,
                                  ByteView group_context) {
  const SecretBytes extracted = crypto::hkdf_extract(suite.hash, init_secret, commit_secret);
  return {expand_with_label(suite, extracted.view(), "joiner", group_context, suite.hash_size)};
}

SecretBytes derive_welcome_secret(const crypto::Suite& suite, const JoinerSecret& joiner,
                                  ByteView psk_secret) {
  return derive_secret(suite, derive_intermediate_secret(suite, joiner, psk_secret).view(), "welcome");
}

EpochSecrets derive_epoch_secrets(const crypto::Suite& suite, const JoinerSecret& joiner, ByteView psk_secret,
                                  ByteView group_context) {
  const SecretBytes intermediate = derive_intermediate_secret(suite, joiner, psk_secret);
  const SecretBytes epoch =
      expand_with_label(suite, intermediate.view(), "epoch", group_context, suite.hash_size);
  return derive_epoch_secrets(suite, epoch.view());
}

EpochSecrets derive_epoch_secrets(const crypto::Suite& suite, ByteView epoch_secret) {
  const auto derive = [&](std::string_view label) { return derive_secret(suite, epoch_secret, label); };
  return {.sender_data_secret = derive("sender data"),
          .encryption_secret = derive("encryption"),
          .exporter_secret = derive("exporter"),
          .external_secret = derive("external"),
          .confirmation_key = derive("confirm"),
          .membership_key = derive("membership"),
          .resumption_psk = derive("resumption"),
          .epoch_authenticator = derive("authentication"),
          .init_secret = derive("init")};
}

crypto::Result<crypto::HpkePrivateKey> derive_external_key(const crypto::Suite& suite,
                                                           const EpochSecrets& secrets) {
  return crypto::HpkePrivateKey::derive(suite, secrets.external_secret.view());
}

crypto::Result<crypto::HpkeExported> export_external_init(const crypto::Suite& suite, ByteView external_pub) {
  return crypto::hpke_send_export(suite, external_pub, {}, as_bytes(kExternalInit), suite.hash_size);
}

crypto::Result<SecretBytes> import_external_init(const crypto::Suite& suite, const EpochSecrets& secrets,
                                                 ByteView kem_output) {
  const auto key = derive_external_key(suite, secrets);
  if (!key) return std::unexpected(key.error());
  return crypto::hpke_receive_export(suite, *key, kem_output, {}, as_bytes(kExternalInit), suite.hash_size);
}

crypto::Result<SecretBytes> export_secret(const crypto::Suite& suite, const EpochSecrets& secrets,
                                          std::string_view label, ByteView context, std::size_t length) {
  if (length > largest_expansion(suite)) return std::unexpected(crypto::Error::bad_length);
  const SecretBytes derived = derive_secret(suite, secrets.exporter_secret.view(), label);
  return expand_with_label(suite, derived.view(), "exported", crypto::hash(suite.hash, context), length);
}

Bytes compute_confirmation_tag(const crypto::Suite& suite, const EpochSecrets& secrets,
                               ByteView confirmed_transcript_hash) {
  return crypto::hmac(suite.hash, secrets.confirmation_key.view(), confirmed_transcript_hash);
}

WelcomeKey derive_welcome_key(const crypto::Suite& suite, ByteView welcome_secret) {
  return {expand_with_label(suite, welcome_secret, "key", {}, suite.key_size),
          expand_with_label(suite, welcome_secret, "nonce", {}, suite.nonce_size)};
}

SecretBytes zero_secret(const crypto::Suite& suite) { return SecretBytes(suite.hash_size); }

}  // namespace wardline::mls
