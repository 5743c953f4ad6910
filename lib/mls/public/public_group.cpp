#include "lib/mls/public/public_group.h"

namespace wardline::mls {
namespace {

struct SavedProposal {
  ProposalRef reference;
  PendingProposal pending;
  WARDLINE_TLS_FIELDS(reference, pending)
};

/// Our own format, for storage: not of RFC 9420.
struct SavedGroup {
  std::uint16_t format = 1;
  GroupContext context;
  RatchetTreeWire tree;
  Bytes confirmation_tag;
  Bytes interim_transcript_hash;
  std::optional<ReInit> reinit;
  std::vector<SavedProposal> pending;
  WARDLINE_TLS_FIELDS(format, context, tree, confirmation_tag, interim_transcript_hash, reinit, pending)
};

}  // namespace

Result<ReceivedMessage> ReceivedMessage::decode(ByteView wire, const Limits& limits) {
  auto message = decode_message(wire, limits);
  if (!message) return std::unexpected(message.error());
  auto* public_message = std::get_if<PublicMessage>(&message->value);
  // Here only handshake messages in the clear can be processed.
  if (!public_message) return broken(Rule::handshake_is_public);
  return ReceivedMessage(std::move(*public_message));
}

Result<PublicGroup> PublicGroup::create(const GroupInfo& info, std::optional<RatchetTreeWire> tree,
                                        const Validation& validation) {
  auto state = start_from_group_info(info, std::move(tree), validation);
  if (!state) return std::unexpected(state.error());
  return PublicGroup(std::move(*state));
}

Result<PublicGroup> PublicGroup::restore(ByteView saved, const Limits& limits) {
  auto stored = mls::decode<SavedGroup>(saved, limits);
  if (!stored) return std::unexpected(stored.error());
  const GroupContext& context = stored->context;
  auto parameters = GroupParameters::create(context.version, context.cipher_suite, context.extensions);
  if (!parameters) return std::unexpected(parameters.error());
  auto tree = RatchetTree::from_wire(*parameters->suite, std::move(stored->tree), limits);
  if (!tree) return std::unexpected(tree.error());

  PublicGroup group(PublicState{context, std::move(*parameters), std::move(*tree),
                                std::move(stored->confirmation_tag),
                                std::move(stored->interim_transcript_hash), std::move(stored->reinit)});
  for (SavedProposal& each : stored->pending)
    group.pending_.emplace(std::move(each.reference), std::move(each.pending));
  return group;
}

Bytes PublicGroup::save() const {
  // The fields of SavedGroup, without a copy of the tree.
  tls::Writer out;
  tls::write(out, SavedGroup{}.format);
  tls::write(out, state_.context);
  state_.tree.write_wire(out);
  tls::write(out, state_.confirmation_tag);
  tls::write(out, state_.interim_transcript_hash);
  tls::write(out, state_.reinit);
  out.vector([&](tls::Writer& inner) {
    for (const auto& [reference, pending] : pending_) {
      tls::write(inner, reference);
      tls::write(inner, pending);
    }
  });
  return out.take();
}

Result<VerifiedContent> PublicGroup::verify(ReceivedMessage message) const {
  return verify_message(state_, std::move(message.message_));
}

Result<ProposalRef> PublicGroup::add_proposal(const VerifiedContent& content, const Validation& validation) {
  return cache_proposal(pending_, state_, content, validation);
}

Result<StagedCommit> PublicGroup::stage(const VerifiedContent& content, const Validation& validation) const {
  return stage_commit(state_, content, pending_, validation);
}

Result<AppliedCommit> PublicGroup::apply(StagedCommit staged) {
  // The commit that came second in an epoch was staged from a state that is gone.
  if (staged.from_transcript_hash != state_.interim_transcript_hash) return broken(Rule::staged_from_present);
  state_ = std::move(staged.next);
  pending_.clear();
  return AppliedCommit{state_.context.epoch, staged.committer, staged.is_external, std::move(staged.changes)};
}

}  // namespace wardline::mls
