#include "lib/mls/public/content_verification.h"

#include "lib/mls/public/labels.h"

namespace wardline::mls {
namespace {

using crypto::VerificationKey;

bool is_open_to_external_senders(ProposalType type) {
  switch (type) {
    case ProposalType::add:
    case ProposalType::remove:
    case ProposalType::psk:
    case ProposalType::reinit:
    case ProposalType::group_context_extensions:
      return true;
    case ProposalType::update:
    case ProposalType::external_init:
      return false;
  }
  return false;
}

Result<VerificationKey> member_key(const PublicState& state, LeafIndex leaf) {
  // RFC 9420 §6.1: the signature key of the leaf at the sender's index.
  const auto key =
      state.tree.leaf(leaf) ? state.tree.signature_key(leaf) : std::unexpected(crypto::Error::bad_key);
  if (!key) return broken(Rule::sender_is_member);
  return *key;
}

Result<Bytes> external_sender_key(const PublicState& state, const FramedContent& content) {
  const auto& senders = state.parameters.external_senders;
  // RFC 9420 §6.1: the key at the sender's index in external_senders; it may send proposals, and §12.1.8: of
  // some types.
  if (content.sender.index >= senders.size()) return broken(Rule::external_sender_known);
  const auto* proposal = std::get_if<Proposal>(&content.content);
  if (!proposal) return broken(Rule::external_sender_proposes);
  if (!is_open_to_external_senders(proposal->type())) return broken(Rule::external_sender_proposal_type);
  return senders[content.sender.index].signature_key;
}

Result<Bytes> joiner_key(const FramedContent& content) {
  if (content.sender.type == SenderType::new_member_proposal) {
    // RFC 9420 §6.1: the key of the leaf in the key package; the message is an Add proposal.
    const auto* proposal = std::get_if<Proposal>(&content.content);
    const Add* add = proposal ? proposal->as<Add>() : nullptr;
    if (!add) return broken(Rule::new_member_proposes_add);
    return add->key_package.leaf_node.signature_key;
  }
  // RFC 9420 §6.1: the key of the leaf in the commit's path; §12.4.3.2: an external commit has one.
  const auto* commit = std::get_if<Commit>(&content.content);
  if (!commit || !commit->path) return broken(Rule::new_member_commits);
  return commit->path->leaf_node.signature_key;
}

Result<crypto::Result<VerificationKey>> sender_key(const PublicState& state, const FramedContent& content) {
  const SenderType type = content.sender.type;
  if (type == SenderType::member) return member_key(state, content.sender.leaf());
  const auto raw = type == SenderType::external ? external_sender_key(state, content) : joiner_key(content);
  if (!raw) return std::unexpected(raw.error());
  return VerificationKey::from_raw(state.suite().signature, *raw);
}

}  // namespace

Result<VerifiedContent> verify_content(const PublicState& state, AuthenticatedContent content) {
  const FramedContent& framed = content.content;
  // RFC 9420 §6, §12.4.2: of this group and this epoch.
  if (framed.group_id != state.context.group_id) return broken(Rule::group_id_matches);
  if (framed.epoch != state.context.epoch) return broken(Rule::epoch_matches);
  // RFC 9420 §12.4.2: after a commit with ReInit the group is used no more.
  if (state.reinit) return broken(Rule::group_is_active);
  // RFC 9420 §6: application data is always encrypted.
  const bool readable = content.wire_format == WireFormat::public_message;
  if (readable && framed.content_type() == ContentType::application)
    return broken(Rule::application_data_is_private);
  // RFC 9420 §6.1: a commit has a confirmation tag; what it must be only members know.
  const auto& tag = content.auth.confirmation_tag;
  const bool is_commit = framed.content_type() == ContentType::commit;
  if (is_commit && (!tag || tag->size() != state.suite().hash_size))
    return broken(Rule::confirmation_tag_size);

  auto key = sender_key(state, framed);
  if (!key) return std::unexpected(key.error());
  const Bytes signed_bytes = framed_content_tbs(content.wire_format, framed, tls::encode(state.context));
  // RFC 9420 §6.1: recipients verify the signature with the key that the sender type says.
  if (!*key || !verify_with_label(**key, kFramedContentLabel, signed_bytes, content.auth.signature)) {
    return broken(Rule::content_signature);
  }
  return VerifiedContent(std::move(content), std::move(**key));
}

Result<VerifiedContent> verify_message(const PublicState& state, PublicMessage message) {
  const bool from_member = message.content.sender.type == SenderType::member;
  const auto& tag = message.membership_tag;
  // RFC 9420 §6.2: a member proves membership by a MAC; what it must be only members know.
  if (from_member && (!tag || tag->size() != state.suite().hash_size))
    return broken(Rule::membership_tag_size);
  return verify_content(state,
                        {WireFormat::public_message, std::move(message.content), std::move(message.auth)});
}

}  // namespace wardline::mls
