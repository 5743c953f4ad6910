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

class AppendBatch {
 public:
  AppendBatch(const DeliveryParts& parts, storage::Transaction& tx, std::span<const AppendItem> items);

  /// Writes what may be written and publishes it after the commit. One outcome per item; errors as in
  /// Sender::send.
  std::vector<core::Result<Sent>> run();

 private:
  /// The items for one conversation, and the snapshot that they were checked against.
  struct Group {
    MembershipPtr membership;
    std::vector<std::size_t> items;
    std::vector<std::size_t> accepted;
    std::int64_t last_sequence = 0;  // After reserving.
    bool settled = false;            // Numbers are reserved, or none are needed.
  };

  void answer_retries();
  void check(Group& group);
  core::Result<void> check(const Membership* membership, const AppendItem& item) const;
  /// Takes numbers for the groups whose snapshot is current. False if one is not: another node changed it.
  bool reserve();
  void number();
  void write();

  const DeliveryParts& parts_;
  storage::Transaction& tx_;
  std::span<const AppendItem> items_;
  std::vector<core::Result<Sent>> outcomes_;
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
