// RFC 9420 §6 (message protection), §8.4 (PSKs), §12.4.3.1 (Welcome).
#include "lib/crypto/aead.h"
#include "lib/mls/member/encryption.h"
#include "lib/mls/member/group_secrets.h"
#include "lib/mls/member/key_schedule.h"
#include "lib/mls/member/protection.h"
#include "lib/mls/member/psk.h"
#include "lib/mls/public/labels.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

using namespace mls;

template <class T>
T decode_field(const Case& a_case, std::string_view key) {
  return require(key, tls::decode<T>(a_case.bytes(key)));
}

/// The two-member group of a message-protection case; its messages come from leaf 1.
struct ProtectionCase {
  const Case& fields;
  const Suite& suite = fields.suite();
  Bytes context = encoded_context();
  Bytes membership_key = fields.bytes("membership_key");
  Bytes sender_data_secret = fields.bytes("sender_data_secret");
  crypto::VerificationKey verifier = require(
      "signature_pub", crypto::VerificationKey::from_raw(suite.signature, fields.bytes("signature_pub")));
  crypto::SigningKey signer = fields.signing_key(suite, "signature_priv");

  Bytes encoded_context() const {
    GroupContext group_context;
    group_context.cipher_suite = suite.id;
    group_context.group_id = fields.bytes("group_id");
    group_context.epoch = fields.number("epoch");
    group_context.tree_hash = fields.bytes("tree_hash");
    group_context.confirmed_transcript_hash = fields.bytes("confirmed_transcript_hash");
    return tls::encode(group_context);
  }
  SecretTree tree() const { return {suite, SecretBytes(fields.bytes("encryption_secret")), 2}; }

  void expect_signed(const AuthenticatedContent& content) const {
    expect("signature", verify_with_label(verifier, kFramedContentLabel,
                                          framed_content_tbs(content.wire_format, content.content, context),
                                          content.auth.signature));
  }
  Bytes body_of(const AuthenticatedContent& content) const {
    tls::Writer out;
    if (const auto* data = std::get_if<ApplicationData>(&content.content.content)) {
      out.raw(data->data);
    } else {
      write_content(out, content.content.content);
    }
    return out.take();
  }

  void check_public(const MlsMessage& message, ByteView body) const {
    const auto* public_message = message.as<PublicMessage>();
    expect("it is a PublicMessage", public_message != nullptr);
    require("membership tag", verify_membership_tag(suite, *public_message, membership_key, context));
    expect_signed(public_message->authenticated_content());
    expect_equal("public body", body_of(public_message->authenticated_content()), body);
    PublicMessage forged = *public_message;
    forged.membership_tag->front() ^= 1;
    expect("a wrong tag is refused",
           !verify_membership_tag(suite, forged, membership_key, context).has_value());
  }

  void check_private(const MlsMessage& message, ByteView body) const {
    const auto* private_message = message.as<PrivateMessage>();
    expect("it is a PrivateMessage", private_message != nullptr);
    SecretTree keys = tree();
    const auto opened =
        require("unprotect", unprotect_private(suite, *private_message, keys, sender_data_secret, {0}, {}));
    expect_signed(opened.content);
    expect_equal("private body", body_of(opened.content), body);
  }

  /// Protects the same body ourselves, both ways where that is allowed, and reads it back.
  void check_round_trip(const AuthenticatedContent& original, ByteView body) const {
    for (const WireFormat format : {WireFormat::public_message, WireFormat::private_message}) {
      const bool application = original.content.content_type() == ContentType::application;
      if (application && format == WireFormat::public_message) continue;
      auto content = require("sign", sign_framed_content(signer, format, original.content, context));
      content.auth.confirmation_tag = original.auth.confirmation_tag;
      if (format == WireFormat::public_message) {
        check_public({protect_public(suite, std::move(content), membership_key, context)}, body);
      } else {
        SecretTree keys = tree();
        check_private({require("protect", protect_private(suite, content, keys, sender_data_secret, {}))},
                      body);
      }
    }
  }
};

}  // namespace

void check_message_protection(const Case& a_case) {
  const ProtectionCase group{a_case};
  for (const std::string name : {"proposal", "commit"}) {
    const auto message = decode_field<MlsMessage>(a_case, name + "_pub");
    group.check_public(message, a_case.bytes(name));
    group.check_round_trip(message.as<PublicMessage>()->authenticated_content(), a_case.bytes(name));
  }
  for (const std::string name : {"proposal", "commit", "application"}) {
    group.check_private(decode_field<MlsMessage>(a_case, name + "_priv"), a_case.bytes(name));
  }
  FramedContent application{a_case.bytes("group_id"),
                            a_case.number("epoch"),
                            Sender::member({1}),
                            {},
                            ApplicationData{a_case.bytes("application")}};
  group.check_round_trip({WireFormat::private_message, application, {}}, a_case.bytes("application"));
}

void check_psk_secret(const Case& a_case) {
  std::vector<Psk> psks;
  for (const Case& psk : a_case.objects("psks")) {
    psks.push_back(
        {{ExternalPskId{psk.bytes("psk_id")}, psk.bytes("psk_nonce")}, SecretBytes(psk.bytes("psk"))});
  }
  expect_equal("psk_secret", derive_psk_secret(a_case.suite(), psks).view(), a_case.bytes("psk_secret"));
}

void check_welcome(const Case& a_case) {
  const Suite& suite = a_case.suite();
  const auto key_package = decode_field<MlsMessage>(a_case, "key_package");
  const auto welcome_message = decode_field<MlsMessage>(a_case, "welcome");
  const auto* welcome = welcome_message.as<Welcome>();
  expect("it is a Welcome", welcome != nullptr && key_package.as<KeyPackage>() != nullptr);
  const auto reference = key_package.as<KeyPackage>()->reference(suite);
  const auto own = std::ranges::find(welcome->secrets, reference, &EncryptedGroupSecrets::new_member);
  expect("the Welcome is for the key package", own != welcome->secrets.end());

  const auto init_key = a_case.hpke_key(suite, "init_priv");
  const auto plain = require("group secrets",
                             decrypt_with_label(suite, init_key, kWelcomeLabel, welcome->encrypted_group_info,
                                                own->encrypted_group_secrets));
  auto secrets = require("GroupSecrets", tls::decode<GroupSecrets>(plain.view()));
  const JoinerSecret joiner{std::move(secrets.joiner_secret)};
  const SecretBytes no_psk = zero_secret(suite);
  const WelcomeKey key =
      derive_welcome_key(suite, derive_welcome_secret(suite, joiner, no_psk.view()).view());
  const auto info_bytes = require(
      "encrypted_group_info",
      crypto::aead_open(suite.aead, key.key.view(), key.nonce.view(), {}, welcome->encrypted_group_info));
  const auto info = require("GroupInfo", tls::decode<GroupInfo>(info_bytes.view()));
  const auto signer =
      require("signer_pub", crypto::VerificationKey::from_raw(suite.signature, a_case.bytes("signer_pub")));
  expect("GroupInfo signature",
         verify_with_label(signer, kGroupInfoLabel, info.to_be_signed(), info.signature));
  const auto epoch = derive_epoch_secrets(suite, joiner, no_psk.view(), tls::encode(info.group_context));
  expect_equal("confirmation tag",
               compute_confirmation_tag(suite, epoch, info.group_context.confirmed_transcript_hash),
               info.confirmation_tag);
}

}  // namespace wardline::mls_vectors
