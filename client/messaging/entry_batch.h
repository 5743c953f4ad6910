// What a run of a conversation's entries comes to, before all of it is written at once.
#pragma once

#include "client/messaging/api.h"
#include "client/messaging/records.h"

namespace wardline::client {

/// A commit of ours that lost its epoch to another: what it was to do, and what went with it.
struct LostCommit {
  conversation::Intent intent;
  PendingCommitRecord record;
};

struct EntryBatch {
  ConversationRecord record;
  std::vector<MessageRecord> messages = {};
  std::vector<std::pair<std::string, std::uint64_t>> sent =
      {};  ///< idempotency ids of ours, and their places
  std::optional<conversation::SealedState> state = {};
  std::optional<LostCommit> lost = {};
  std::vector<std::string> heard = {};  ///< checkpoints of the device log that came with messages
  bool members_changed = false;

  /// The entry says nothing to its readers.
  void advance(const Entry& entry) { record.applied = entry.sequence; }
  MessageRecord& add(const Entry& entry, BodyKind body);
  void add_unreadable(const Entry& entry, Unreadable reason);
  void add_content(const Entry& entry, SecretBytes bytes);
  /// What the group made of an entry.
  void absorb(const Entry& entry, conversation::ProcessedEntry processed);

 private:
  void absorb_message(const Entry& entry, conversation::ProcessedEntry& processed);
  void absorb_commit(const Entry& entry, conversation::ProcessedEntry& processed);
};

/// A stored message as programs see it.
Message message_of(const std::string& conversation_id, const MessageRecord& record);

}  // namespace wardline::client
