// What comes out of a received message, as types: an application message to show, a proposal that now waits,
// or a commit that has been checked and waits to be merged.
#pragma once

#include <variant>

#include "lib/mls/member/member_state.h"
#include "lib/mls/public/staged_commit.h"

namespace wardline::mls {

/// A decrypted message with the one who is proven to have sent it.
struct ApplicationMessage {
  LeafIndex sender;
  LeafNode sender_leaf;  ///< as it was in the epoch of the message: credential and signature key
  Epoch epoch = 0;
  std::uint32_t generation = 0;
  Bytes authenticated_data;
  SecretBytes data;
};

/// A proposal that is valid by itself and waits for a commit.
struct ReceivedProposal {
  ProposalRef reference;
  Sender sender;
  ProposalType type{};
};

/// A commit of somebody else's, checked in full: signature, proposals, path and confirmation tag. Nothing has
/// happened yet: look at `changes()`, then give it to `Group::merge` or let it go.
class ReceivedCommit {
 public:
  const Changes& changes() const { return staged_.changes; }
  LeafIndex committer() const { return staged_.committer; }
  const LeafNode& committer_leaf() const { return *staged_.next.tree.leaf(staged_.committer); }
  bool is_external() const { return staged_.is_external; }
  const GroupContext& next_context() const { return staged_.next.context; }
  /// This member is removed by the commit: merging it ends membership. The next epoch's secrets stay out of
  /// reach.
  bool removes_this_member() const { return !next_.has_value(); }
  const Bytes& authenticated_data() const { return authenticated_data_; }

 private:
  friend class Group;
  explicit ReceivedCommit(StagedCommit staged) : staged_(std::move(staged)) {}
  StagedCommit staged_;  // Its `next` is what the tree of a removed member shows last.
  std::optional<MemberState> next_;
  Bytes authenticated_data_;
};

/// The delivery service has accepted this member's own pending commit: `Group::merge_pending` takes it over.
struct OwnCommitAccepted {
  Epoch next_epoch = 0;
};

using Event = std::variant<ApplicationMessage, ReceivedProposal, ReceivedCommit, OwnCommitAccepted>;

}  // namespace wardline::mls
