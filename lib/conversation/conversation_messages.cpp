// What a conversation makes of the entries of its log, and what it sends.
#include <algorithm>

#include "lib/conversation/conversation.h"

namespace wardline::conversation {
namespace {

struct Envelope {
  mls::GroupId group;
  mls::Epoch epoch = 0;
  bool is_application = false;
  bool is_commit = false;  ///< and in the clear, as all of ours are
};

std::optional<Envelope> envelope_of(const mls::MlsMessage& message) {
  if (const auto* open = message.as<mls::PublicMessage>()) {
    const bool is_commit = std::holds_alternative<mls::Commit>(open->content.content);
    return Envelope{open->content.group_id, open->content.epoch, false, is_commit};
  }
  if (const auto* closed = message.as<mls::PrivateMessage>()) {
    return Envelope{closed->group_id, closed->epoch, closed->content_type == mls::ContentType::application};
  }
  return std::nullopt;
}

std::vector<Device> devices_of(const std::vector<mls::MemberChange>& changes, const Context& context) {
  std::vector<Device> devices;
  for (const mls::MemberChange& change : changes) {
    if (auto device = context.device_of(change.node)) devices.push_back(std::move(*device));
  }
  return devices;
}

}  // namespace

Outcome<ProcessedEntry> Conversation::process(const mls::MlsMessage& message, const Context& context) {
  const auto envelope = envelope_of(message);
  if (!envelope) return failed(Code::invalid_message);
  if (!group()) return process_while_joining(message, context);
  if (envelope->group != group()->group_id()) return failed(Code::invalid_message);
  if (!group()->is_active()) return failed(Code::not_a_member);
  if (envelope->epoch > epoch()) return failed(Code::future_epoch);
  // RFC 9420 §14: handshakes of epochs that are over change nothing any more.
  if (envelope->epoch < epoch() && !envelope->is_application)
    return ProcessedEntry{.kind = EntryKind::past_epoch};

  // A commit is only staged by receiving it: all of its leaves are looked at before it is merged. A proposal
  // is kept at once, and is refused.
  const UnloggedLeaves unlogged(context.authority(), envelope->is_commit ? UnloggedLeaves::Mode::collect
                                                                         : UnloggedLeaves::Mode::refuse);
  auto event = group()->receive(message, context.environment());
  if (!event && event.error().rule == mls::Rule::own_message)
    return ProcessedEntry{.kind = EntryKind::own_message};
  if (!event && event.error().rule != mls::Rule::credential_accepted) return failed(event.error());
  if (auto known = unlogged.check(); !known) return std::unexpected(known.error());
  if (!event) return failed(event.error());
  return std::visit([&](auto& each) { return took(std::move(each), context); }, *event);
}

Outcome<ProcessedEntry> Conversation::process_while_joining(const mls::MlsMessage& message,
                                                            const Context& context) {
  const auto& join = std::get<mls::ExternalJoin>(group_);
  if (message == join.commit()) return took(mls::OwnCommitAccepted{}, context);
  return failed(Code::not_a_member);
}

Outcome<ProcessedEntry> Conversation::took(mls::ApplicationMessage message, const Context& context) {
  auto state = seal_ratchets();
  if (!state) return std::unexpected(state.error());
  ProcessedEntry entry{.kind = EntryKind::application, .epoch = message.epoch};
  entry.sender = context.device_of(message.sender_leaf);
  if (!entry.sender) return failed(Code::invalid_credential);
  entry.content = std::move(message.data);
  entry.state = std::move(*state);
  return entry;
}

Outcome<ProcessedEntry> Conversation::took(const mls::ReceivedProposal& proposal, const Context& context) {
  ProcessedEntry entry{.kind = EntryKind::proposal, .epoch = epoch()};
  const mls::Proposal& kept = group()->proposals().at(proposal.reference).proposal;
  bool removes_us = false;
  if (const auto* remove = kept.as<mls::Remove>()) {
    removes_us = remove->removed == group()->own_leaf();
    if (auto device = context.device_of(*group()->tree().leaf(remove->removed)))
      entry.removed.push_back(*device);
  }
  // RFC 9420 §12.2: nobody commits their own removal.
  entry.needs_commit = flag(proposal.sender.type == mls::SenderType::external && !removes_us);
  auto state = seal();
  if (!state) return std::unexpected(state.error());
  entry.state = std::move(*state);
  return entry;
}

Outcome<ProcessedEntry> Conversation::took(mls::ReceivedCommit commit, const Context& context) {
  ProcessedEntry entry{.kind = EntryKind::commit, .epoch = commit.next_context().epoch};
  entry.added = devices_of(commit.changes().added, context);
  entry.removed = devices_of(commit.changes().removed, context);
  const bool removed_self = commit.removes_this_member();
  entry.removed_self = flag(removed_self);
  auto committer = context.device_of(commit.committer_leaf());
  if (commit.is_external() && committer) {
    // Who joins anew in the place of an old leaf of theirs was not removed.
    std::erase(entry.removed, *committer);
    entry.added.push_back(std::move(*committer));
  } else {
    entry.sender = std::move(committer);
  }
  if (const auto merged = group()->merge(std::move(commit)); !merged) return failed(merged.error());
  group()->take_lost_request();  // The intent says the same, in words that outlive key packages and leaf
                                 // indices.
  if (pending_ && !removed_self) entry.lost = std::move(pending_->intent);
  pending_.reset();
  auto state = seal();
  if (!state) return std::unexpected(state.error());
  entry.state = std::move(*state);
  return entry;
}

Outcome<ProcessedEntry> Conversation::took(const mls::OwnCommitAccepted&, const Context& context) {
  ProcessedEntry entry{.kind = EntryKind::commit};
  const bool was_joining = group() == nullptr;
  if (pending_) {
    entry.added = pending_->commit.added;
    entry.removed = pending_->commit.removed;
  }
  auto merged = merge_pending(context);
  if (!merged) return std::unexpected(merged.error());
  if (!was_joining) entry.sender = context.device();
  entry.own = Flag::yes;
  entry.epoch = merged->epoch;
  entry.state = std::move(merged->state);
  return entry;
}

Outcome<void> Conversation::look_at_members(const std::set<mls::LeafIndex>& but, const Context& context,
                                            UnloggedLeaves& unlogged) const {
  bool known = true;
  group()->tree().for_each_member([&](mls::LeafIndex index, const mls::LeafNode& leaf) {
    if (but.contains(index)) return;
    known = known && context.device_of(leaf);
    unlogged.look_at(leaf.credential);
  });
  if (!known) return failed(Code::invalid_credential);
  return {};
}

Outcome<void> Conversation::prove_members(const Context& context) {
  if (!group() || !group()->is_active()) return failed(Code::not_a_member);
  if (members_proven_) return {};
  UnloggedLeaves unlogged(context.authority(), UnloggedLeaves::Mode::collect);
  if (auto seen = look_at_members({}, context, unlogged); !seen) return seen;
  if (auto known = unlogged.check(); !known) return known;
  members_proven_ = true;
  return {};
}

Outcome<ProtectedMessage> Conversation::protect(ByteView content, const Context& context) {
  if (auto proven = prove_members(context); !proven) return std::unexpected(proven.error());
  const auto message = group()->protect(content, {}, context.signer());
  if (!message) return failed(message.error());
  auto state = seal_ratchets();
  if (!state) return std::unexpected(state.error());
  return ProtectedMessage{tls::encode(*message), epoch(), std::move(*state)};
}

}  // namespace wardline::conversation
