#include "lib/mls/member/protection.h"

#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/mls/member/sender_data.h"
#include "lib/mls/public/labels.h"

namespace wardline::mls {
namespace {

constexpr std::size_t kReuseGuardSize = 4;

/// §6.3.2.
struct SenderData {
  LeafIndex leaf;
  std::uint32_t generation = 0;
  std::array<std::uint8_t, kReuseGuardSize> reuse_guard{};
  WARDLINE_TLS_FIELDS(leaf, generation, reuse_guard)
};

// §6.3.1 PrivateContentAAD and §6.3.2 SenderDataAAD start alike.
Bytes sender_data_aad(const GroupId& group_id, Epoch epoch, ContentType type) {
  tls::Writer out;
  tls::write(out, group_id);
  tls::write(out, epoch);
  tls::write(out, type);
  return out.take();
}

Bytes private_content_aad(const GroupId& group_id, Epoch epoch, ContentType type,
                          ByteView authenticated_data) {
  tls::Writer out;
  out.raw(sender_data_aad(group_id, epoch, type));
  out.opaque(authenticated_data);
  return out.take();
}

RatchetKind ratchet_of(ContentType type) {
  return type == ContentType::application ? RatchetKind::application : RatchetKind::handshake;
}

// §6.3.1: the first bytes of the nonce are mixed with the reuse guard, in case state was rolled back.
SecretBytes guarded_nonce(ByteView nonce, std::span<const std::uint8_t, kReuseGuardSize> guard) {
  SecretBytes guarded(nonce);
  for (std::size_t i = 0; i < kReuseGuardSize; ++i) guarded.writable()[i] ^= guard[i];
  return guarded;
}

// §6.3.1 PrivateMessageContent: the body, its authentication, and zeros up to a multiple of the block.
SecretBytes padded_content(const AuthenticatedContent& content, Padding padding) {
  tls::Writer out;
  write_content(out, content.content.content);
  content.auth.write_for(out, content.content.content_type());
  Bytes plain = out.take();
  const std::size_t over = padding.block > 1 ? plain.size() % padding.block : 0;
  if (over != 0) plain.resize(plain.size() + padding.block - over);
  return SecretBytes(std::move(plain));
}

Rule rule_of(RatchetError error) {
  switch (error) {
    case RatchetError::generation_used:
      return Rule::generation_unused;
    case RatchetError::generation_too_far:
      return Rule::generation_in_reach;
    case RatchetError::generation_exhausted:
      return Rule::generation_left;
    case RatchetError::no_such_leaf:
      break;
  }
  // §6.3.2: the sender is a leaf of the tree; that it is not blank shows when the signature is verified.
  return Rule::sender_leaf_in_tree;
}

Result<SenderData> open_sender_data(const Suite& suite, const PrivateMessage& message,
                                    ByteView sender_data_secret) {
  const SenderDataKey key = derive_sender_data_key(suite, sender_data_secret, message.ciphertext);
  const auto plain = crypto::aead_open(suite.aead, key.key.view(), key.nonce.view(),
                                       sender_data_aad(message.group_id, message.epoch, message.content_type),
                                       message.encrypted_sender_data);
  const auto data =
      plain ? tls::decode<SenderData>(plain->view()) : std::unexpected(tls::Error::invalid_value);
  if (!data) return broken(Rule::sender_data_decryption);
  return *data;
}

// §6.3.1: reads the body; whatever follows it must be zero.
Result<void> read_private_content(const SecretBytes& plain, ContentType type, AuthenticatedContent& content) {
  tls::Reader in(plain.view());
  read_content(in, type, content.content.content);
  content.auth.read_for(in, type);
  if (!in.ok()) return broken(Rule::private_content_decodes);
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : in.rest()) sum |= byte;
  if (sum != 0) return broken(Rule::padding_is_zero);
  return {};
}

}  // namespace

Result<AuthenticatedContent> sign_framed_content(const crypto::Signer& signer, WireFormat wire_format,
                                                 FramedContent content, ByteView context) {
  AuthenticatedContent signed_content{wire_format, std::move(content), {}};
  auto signature = sign_with_label(signer, kFramedContentLabel,
                                   framed_content_tbs(wire_format, signed_content.content, context));
  if (!signature) return broken(Rule::signer_available);
  signed_content.auth.signature = std::move(*signature);
  return signed_content;
}

PublicMessage protect_public(const Suite& suite, AuthenticatedContent content, ByteView membership_key,
                             ByteView context) {
  Bytes tag = crypto::hmac(suite.hash, membership_key,
                           authenticated_content_tbm(content.content, content.auth, context));
  return {std::move(content.content), std::move(content.auth), std::move(tag)};
}

Result<void> verify_membership_tag(const Suite& suite, const PublicMessage& message, ByteView membership_key,
                                   ByteView context) {
  const Bytes expected = crypto::hmac(suite.hash, membership_key,
                                      authenticated_content_tbm(message.content, message.auth, context));
  if (!message.membership_tag || !constant_time_equal(*message.membership_tag, expected)) {
    return broken(Rule::membership_tag);
  }
  return {};
}

Result<PrivateMessage> protect_private(const Suite& suite, const AuthenticatedContent& content,
                                       SecretTree& keys, ByteView sender_data_secret, Padding padding) {
  const FramedContent& framed = content.content;
  const ContentType type = framed.content_type();
  const auto key = keys.next(framed.sender.leaf(), ratchet_of(type));
  if (!key) return broken(rule_of(key.error()));

  SenderData sender{framed.sender.leaf(), key->generation, {}};
  std::ranges::copy(crypto::random_bytes(kReuseGuardSize), sender.reuse_guard.begin());
  PrivateMessage message{framed.group_id, framed.epoch, type, framed.authenticated_data, {}, {}};
  auto ciphertext = crypto::aead_seal(
      suite.aead, key->key.view(), guarded_nonce(key->nonce.view(), sender.reuse_guard).view(),
      private_content_aad(message.group_id, message.epoch, type, message.authenticated_data),
      padded_content(content, padding).view());
  if (!ciphertext) return broken(Rule::provider_available);
  message.ciphertext = std::move(*ciphertext);

  const SenderDataKey sender_key = derive_sender_data_key(suite, sender_data_secret, message.ciphertext);
  auto sealed =
      crypto::aead_seal(suite.aead, sender_key.key.view(), sender_key.nonce.view(),
                        sender_data_aad(message.group_id, message.epoch, type), tls::encode(sender));
  if (!sealed) return broken(Rule::provider_available);
  message.encrypted_sender_data = std::move(*sealed);
  return message;
}

Result<OpenedMessage> unprotect_private(const Suite& suite, const PrivateMessage& message, SecretTree& keys,
                                        ByteView sender_data_secret, LeafIndex own,
                                        const RatchetLimits& limits) {
  const auto sender = open_sender_data(suite, message, sender_data_secret);
  if (!sender) return std::unexpected(sender.error());
  if (sender->leaf == own) return broken(Rule::own_message);
  auto key = keys.find(sender->leaf, ratchet_of(message.content_type), sender->generation, limits);
  if (!key) return broken(rule_of(key.error()));
  const auto plain = crypto::aead_open(
      suite.aead, key->key().view(), guarded_nonce(key->nonce().view(), sender->reuse_guard).view(),
      private_content_aad(message.group_id, message.epoch, message.content_type, message.authenticated_data),
      message.ciphertext);
  if (!plain) return broken(Rule::content_decryption);

  OpenedMessage opened{.content = {}, .key = std::move(*key), .generation = sender->generation};
  opened.content.wire_format = WireFormat::private_message;
  opened.content.content = {
      message.group_id, message.epoch, Sender::member(sender->leaf), message.authenticated_data, {}};
  const auto read = read_private_content(*plain, message.content_type, opened.content);
  if (!read) return std::unexpected(read.error());
  return opened;
}

}  // namespace wardline::mls
