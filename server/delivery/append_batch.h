// One durable transaction's worth of messages for many conversations: numbered without gaps, each retry
// answered with what it was stored as, each sender checked against the membership of this very moment.
#pragma once

#include <map>
#include <unordered_map>

#include "server/delivery/log_store.h"
#include "server/delivery/parts.h"

namespace wardline::delivery {

struct AppendItem {
  policy::Subject subject;
  std::shared_ptr<LogEntry> entry;  ///< without sequence and time: the batch gives them
};

struct Sent {
  std::int64_t sequence = 0;
  core::Time stored_at;
};

/// What one committer remembers from batch to batch, so that a message costs fewer statements. All of it may
/// be wrong: each write compares it with what is stored, in its transaction.
struct AppendMemory {
  std::unordered_map<std::int64_t, std::int64_t> last_sequences;  ///< of conversations, by conversation_no
  /// Ids are looked up before anything is written in so many of the next batches. Else only the index tells
  /// that a message is stored already, which takes its whole batch along.
  int batches_to_look_up = 0;

  void remember(std::int64_t conversation_no, std::int64_t last_sequence);
};

class AppendBatch {
 public:
  AppendBatch(const DeliveryParts& parts, AppendMemory& memory, storage::Transaction& tx,
              std::span<const AppendItem> items);

  /// Writes what may be written and publishes it after the commit. One outcome per item; errors as in
  /// Sender::send.
  std::vector<core::Result<Sent>> run();

 private:
  /// The items for one conversation, and the snapshot that they were checked against.
  struct Group {
    MembershipPtr membership;
    std::vector<std::size_t> items;
    std::vector<std::size_t> accepted;
    std::int64_t last_sequence = 0;  // Before the accepted ones.
    bool settled = false;            // Numbers are reserved, or none are needed.
  };

  void expect_retries();
  void group_items();
  /// Answers what is stored already, of these or of what was refused, with what it was stored as.
  void answer_stored(std::span<const std::size_t> items);
  void answer_refused();
  void check(Group& group);
  core::Result<void> check(const Membership* membership, const AppendItem& item) const;
  /// Where each conversation is, as far as it is not remembered. What was checked against a snapshot that is
  /// not current any more is checked again.
  void find_numbers();
  /// Takes numbers for the groups whose snapshot is current. False if one is not: somebody else wrote to it.
  bool reserve();
  void number();
  void write();

  const DeliveryParts& parts_;
  AppendMemory& memory_;
  storage::Transaction& tx_;
  std::span<const AppendItem> items_;
  std::vector<core::Result<Sent>> outcomes_;
  std::vector<bool> stored_;  // Which items were stored before.
  std::map<core::ConversationId, Group> groups_;
  std::vector<std::pair<std::size_t, std::size_t>>
      twins_;  // The same message twice in one batch: second, first.
  std::vector<NumberedEntry> numbered_;
  std::vector<Journal::SentMessage> sent_;
  std::vector<LogEntryPtr> published_;
};

/// The typed conflict that tells a client where the conversation is now.
std::unexpected<core::Error> moved_on(std::string_view code, std::uint64_t current_epoch);

}  // namespace wardline::delivery
