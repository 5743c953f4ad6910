// A group as seen from outside (RFC 9420): follows it from its public messages, checks every rule that needs
// no secrets, and tells who came, went and changed. This is what a delivery service keeps for each
// conversation.
//
//   auto message = ReceivedMessage::decode(wire);         // bytes -> Received
//   auto verified = group.verify(std::move(*message));    // Received -> Verified: sender, epoch, signature
//   auto staged = group.stage(*verified, validation);     // Verified -> Staged: every rule, the next state
//   if (policy_admits(staged->changes)) group.apply(std::move(*staged));  // Staged -> Applied
//
// Validation comes with each call: the time goes on, and groups are kept for long.
#pragma once

#include "lib/mls/public/decode.h"
#include "lib/mls/public/staged_commit.h"

namespace wardline::mls {

/// A handshake message off the wire. What it says of itself has not been checked.
class ReceivedMessage {
 public:
  /// malformed_message if the bytes are not an MlsMessage that holds a PublicMessage.
  static Result<ReceivedMessage> decode(ByteView wire, const Limits& limits = {});
  explicit ReceivedMessage(PublicMessage message) : message_(std::move(message)) {}

  const GroupId& claimed_group() const { return message_.content.group_id; }
  Epoch claimed_epoch() const { return message_.content.epoch; }
  const Sender& claimed_sender() const { return message_.content.sender; }
  ContentType content_type() const { return message_.content.content_type(); }
  const PublicMessage& get() const { return message_; }

 private:
  friend class PublicGroup;
  PublicMessage message_;
};

/// What a commit did that has been applied.
struct AppliedCommit {
  Epoch epoch = 0;  ///< the new one
  LeafIndex committer;
  bool is_external = false;  ///< the committer joined by this commit
  Changes changes;
};

class PublicGroup {
 public:
  /// Starts to follow a group at the epoch of this GroupInfo. See `start_from_group_info`.
  static Result<PublicGroup> create(const GroupInfo& info, std::optional<RatchetTreeWire> tree,
                                    const Validation& validation);
  /// Restores what `save` gave. The bytes must come from a place that is trusted: what was validated then is
  /// not again.
  static Result<PublicGroup> restore(ByteView saved, const Limits& limits = {});
  Bytes save() const;

  const GroupContext& context() const { return state_.context; }
  Epoch epoch() const { return state_.context.epoch; }
  const RatchetTree& tree() const { return state_.tree; }
  const PublicState& state() const { return state_; }
  const ProposalCache& pending() const { return pending_; }

  Result<VerifiedContent> verify(ReceivedMessage message) const;

  /// Keeps a verified proposal for the commit that will refer to it, if it is valid by itself. `content`
  /// holds a proposal. The same proposal again changes nothing.
  Result<ProposalRef> add_proposal(const VerifiedContent& content, const Validation& validation);

  /// Checks a verified commit and gives the state after it. `content` holds a commit.
  Result<StagedCommit> stage(const VerifiedContent& content, const Validation& validation) const;

  /// Moves on to the state of a commit that was staged from the present one (staged_from_present), and says
  /// what changed. Pending proposals are of the past then.
  Result<AppliedCommit> apply(StagedCommit staged);

 private:
  explicit PublicGroup(PublicState state) : state_(std::move(state)) {}

  PublicState state_;
  ProposalCache pending_;
};

}  // namespace wardline::mls
