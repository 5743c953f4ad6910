// Takes what changes who is in a conversation: commits and proposals. Each is checked against MLS by its
// public rules and against policy before it is stored; exactly one commit per epoch is (LESSONS 1, 2, 5).
#pragma once

#include "server/delivery/admission.h"
#include "server/delivery/conversations.h"
#include "server/delivery/groups.h"
#include "server/delivery/removals.h"

namespace wardline::delivery {

struct SendProposal {
  core::ConversationId conversation;
  core::IdempotencyId idempotency;
  std::uint64_t epoch = 0;
  Bytes proposal;
};

struct Committed {
  std::int64_t sequence = 0;
  std::uint64_t epoch = 0;
};

/// Where an external joiner starts (RFC 9420 §12.4.3.2).
struct JoinInformation {
  std::uint64_t epoch = 0;
  Bytes group_info;    ///< an encoded MLSMessage
  Bytes ratchet_tree;  ///< the content of a ratchet_tree extension
};

class Handshakes {
 public:
  Handshakes(const DeliveryParts& parts, People& people, Groups& groups, Removals& removals)
      : parts_(parts), groups_(groups), removals_(removals), admission_(parts, people) {}

  /// Errors: "epoch-taken" (current_epoch), "mls-rejected", "not-admitted" (whom policy does not admit),
  /// "removal-not-allowed", "bundle-incomplete", "wrong-committer".
  core::Result<Committed> commit(const policy::Subject& subject, const SendCommit& request);

  /// Update of one's own keys, or leaving. Errors: "stale-epoch", "mls-rejected", "wrong-sender",
  /// "proposal-not-allowed".
  core::Result<std::int64_t> propose(const policy::Subject& subject, const SendProposal& request);

  /// For a device of a person of this conversation that is not in the group (yet, or any more).
  core::Result<JoinInformation> join_information(const policy::Subject& subject,
                                                 core::ConversationId conversation);

  /// A device could not process what the log says: written down with whose it is, so that operators see a
  /// jammed group and who jams it (LESSONS 2). The device then joins anew. Error "entry-not-found".
  core::Result<void> report(const policy::Subject& subject, core::ConversationId conversation,
                            std::int64_t sequence);

 private:
  core::Result<Committed> commit_once(storage::Transaction& tx, const policy::Subject& subject,
                                      const SendCommit& request);
  core::Result<Judged> judge(storage::Transaction& tx, const policy::Subject& subject,
                             const Membership& membership, const SendCommit& request);
  void store(storage::Transaction& tx, const policy::Subject& subject, const Membership& before,
             const SendCommit& request, Judged& judged, std::int64_t sequence);
  core::Result<std::int64_t> propose_once(storage::Transaction& tx, const policy::Subject& subject,
                                          const SendProposal& request);

  DeliveryParts parts_;
  Groups& groups_;
  Removals& removals_;
  Admission admission_;
};

/// Writes a refusal down in a transaction of its own, for that of the attempt is gone (AUD-1: failed
/// attempts). Gives the error back.
core::Error note_refusal(const DeliveryParts& parts, const policy::Subject& subject, policy::Action action,
                         core::ConversationId conversation, core::Error error);

/// After the commit: hands the entry out, lets those who joined follow and those who left go.
void announce(Hub& hub, const LogEntryPtr& entry, const std::vector<JoiningDevice>& joining,
              const std::vector<core::DeviceId>& leaving);

/// The entry that a handshake becomes in the conversation's log.
std::shared_ptr<LogEntry> handshake_entry(core::ConversationId conversation, std::int64_t sequence,
                                          EntryKind kind, std::optional<EntrySender> sender,
                                          std::uint64_t epoch, core::Time now,
                                          core::IdempotencyId idempotency, Bytes body);

}  // namespace wardline::delivery
