// The key schedule of an epoch (RFC 9420 §8): from the secrets that a commit brings to all that the epoch
// derives.
#pragma once

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/hpke.h"
#include "lib/crypto/suite.h"
#include "lib/tls_codec/codec.h"

namespace wardline::mls {

/// RFC 9420 §8 Table 4. Everything here is secret; `epoch_authenticator` is made to be compared out of band.
struct EpochSecrets {
  SecretBytes sender_data_secret;
  SecretBytes encryption_secret;  ///< root of the secret tree; handed over to it and gone from here then
  SecretBytes exporter_secret;
  SecretBytes external_secret;
  SecretBytes confirmation_key;
  SecretBytes membership_key;
  SecretBytes resumption_psk;
  SecretBytes epoch_authenticator;
  SecretBytes init_secret;  ///< goes into the next epoch
  WARDLINE_TLS_FIELDS(sender_data_secret, encryption_secret, exporter_secret, external_secret,
                      confirmation_key, membership_key, resumption_psk, epoch_authenticator, init_secret)
};

/// The secret that Welcome messages carry. A type of its own, so that no other secret of the same size is
/// taken for it.
struct JoinerSecret {
  SecretBytes value;
};

/// RFC 9420 §8 Figure 22, first half. `group_context` is the encoded GroupContext of the epoch that begins.
JoinerSecret derive_joiner_secret(const crypto::Suite& suite, ByteView init_secret, ByteView commit_secret,
                                  ByteView group_context);

/// RFC 9420 §8: what the GroupInfo in a Welcome is sealed with.
SecretBytes derive_welcome_secret(const crypto::Suite& suite, const JoinerSecret& joiner,
                                  ByteView psk_secret);

/// RFC 9420 §8 Figure 22, second half.
EpochSecrets derive_epoch_secrets(const crypto::Suite& suite, const JoinerSecret& joiner, ByteView psk_secret,
                                  ByteView group_context);

/// RFC 9420 §11: the first epoch of a group starts from a fresh random epoch secret.
EpochSecrets derive_epoch_secrets(const crypto::Suite& suite, ByteView epoch_secret);

/// RFC 9420 §8.3: the key pair that external commits encrypt to.
crypto::Result<crypto::HpkePrivateKey> derive_external_key(const crypto::Suite& suite,
                                                           const EpochSecrets& secrets);

/// RFC 9420 §8.3: the init secret of an external commit, made by the joiner for the group's external public
/// key.
crypto::Result<crypto::HpkeExported> export_external_init(const crypto::Suite& suite, ByteView external_pub);
/// The same secret on the members' side.
crypto::Result<SecretBytes> import_external_init(const crypto::Suite& suite, const EpochSecrets& secrets,
                                                 ByteView kem_output);

/// RFC 9420 §8.5 MLS-Exporter. `bad_length` for more than the KDF can give.
crypto::Result<SecretBytes> export_secret(const crypto::Suite& suite, const EpochSecrets& secrets,
                                          std::string_view label, ByteView context, std::size_t length);

/// RFC 9420 §6.1: the tag that shows that the committer reached the same epoch.
Bytes compute_confirmation_tag(const crypto::Suite& suite, const EpochSecrets& secrets,
                               ByteView confirmed_transcript_hash);

/// The key and nonce that seal the GroupInfo of a Welcome (RFC 9420 §12.4.3.1).
struct WelcomeKey {
  SecretBytes key;
  SecretBytes nonce;
};
WelcomeKey derive_welcome_key(const crypto::Suite& suite, ByteView welcome_secret);

/// KDF.Nh zeros: the commit secret of a commit without path, and the PSK secret without PSKs (RFC 9420 §8,
/// §8.4).
SecretBytes zero_secret(const crypto::Suite& suite);

}  // namespace wardline::mls
