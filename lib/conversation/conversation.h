// A conversation as this device is in it: an MLS group, or the external commit by which it is about to join
// one, with the commit that waits for the server's answer. No call that fails has changed anything.
#pragma once

#include <set>
#include <variant>

#include "lib/conversation/context.h"
#include "lib/mls/member/external_join.h"

namespace wardline::conversation {

class Conversation {
 public:
  struct Created;
  struct Joined;
  struct Began;

  /// Epoch 0 with this device alone, and the commit that adds the others, pending.
  static Outcome<Created> create(const ConversationId& id, const std::vector<NewMember>& members,
                                 mls::SealingKey key, const Context& context);
  static Outcome<Joined> join(const mls::Welcome& welcome, std::optional<mls::RatchetTreeWire> tree,
                              const mls::KeyPackageBundle& bundle, mls::SealingKey key,
                              const Context& context);
  /// RFC 9420 §12.4.3.2. A leaf that this device has in the group from before is replaced.
  static Outcome<Began> join_by_external_commit(const ConversationId& id, const mls::GroupInfo& info,
                                                std::optional<mls::RatchetTreeWire> tree, mls::SealingKey key,
                                                const Context& context);
  static Outcome<Conversation> open(const ConversationId& id, const SealedState& sealed, mls::SealingKey key);

  OpenedConversation describe(const Context& context) const;

  Outcome<ProcessedEntry> process(const mls::MlsMessage& message, const Context& context);
  /// That every device in the group is in the device log (ENC-8). What is sealed says nothing of that: it may
  /// be older than the log. So it is asked once after `open`, before anything is sent, whoever asks first;
  /// leaves that come later are looked at as they come. `unlogged_device` names all that have to be proven.
  Outcome<void> prove_members(const Context& context);
  /// After `prove_members`.
  Outcome<ProtectedMessage> protect(ByteView content, const Context& context);
  /// With every proposal that waits. An empty intent and no proposal renew this device's keys. After
  /// `prove_members`, but for those whom it removes.
  Outcome<StagedCommit> commit(Intent intent, const Context& context);
  /// What of the intent still has a meaning, committed anew; nothing if there is nothing left.
  Outcome<std::optional<StagedCommit>> rebase(Intent intent, const Context& context);
  Outcome<MergedCommit> merge_pending(const Context& context);
  Outcome<SealedState> drop_pending();

 private:
  struct Pending {
    PendingCommit commit;
    Intent intent;
    WARDLINE_TLS_FIELDS(commit, intent)
  };

  Conversation(std::variant<mls::Group, mls::ExternalJoin> group, mls::SealingKey key);

  mls::Group* group() { return std::get_if<mls::Group>(&group_); }
  const mls::Group* group() const { return std::get_if<mls::Group>(&group_); }
  std::uint64_t epoch() const;

  Outcome<ProcessedEntry> process_while_joining(const mls::MlsMessage& message, const Context& context);
  Outcome<ProcessedEntry> took(mls::ApplicationMessage message, const Context& context);
  Outcome<ProcessedEntry> took(const mls::ReceivedProposal& proposal, const Context& context);
  Outcome<ProcessedEntry> took(mls::ReceivedCommit commit, const Context& context);
  Outcome<ProcessedEntry> took(const mls::OwnCommitAccepted& accepted, const Context& context);
  Outcome<mls::CommitRequest> request_for(const Intent& intent, const Context& context,
                                          UnloggedLeaves& unlogged) const;
  /// Looks at every leaf but these. `invalid_credential` for one of which nobody knows whose it is.
  Outcome<void> look_at_members(const std::set<mls::LeafIndex>& but, const Context& context,
                                UnloggedLeaves& unlogged) const;
  /// Whom a commit removes that does this and takes up every proposal that waits.
  std::set<mls::LeafIndex> leaving(const Intent& intent, const Context& context) const;

  /// After a handshake: everything.
  Outcome<SealedState> seal();
  /// After a message: the ratchets, next to what `seal` gave last.
  Outcome<SealedState> seal_ratchets();

  std::variant<mls::Group, mls::ExternalJoin> group_;
  mls::SealingKey key_;
  std::optional<Pending> pending_;
  Bytes base_;                   // What `seal` gave last.
  bool members_proven_ = false;  // Since this object is.
};

struct Conversation::Created {
  Conversation conversation;
  CreatedConversation created;
};
struct Conversation::Joined {
  Conversation conversation;
  SealedState state;
};
struct Conversation::Began {
  Conversation conversation;
  StagedCommit staged;
};

}  // namespace wardline::conversation
