// Applies the entries of conversations' logs: in order, each exactly once, the result and the group's state
// in one write. What has been shown is on disk.
#pragma once

#include <functional>

#include "client/messaging/api.h"
#include "client/messaging/device_state.h"

namespace wardline::client {

class EntryLog {
 public:
  EntryLog(Api& api, DeviceState& state) : api_(api), state_(state) {}

  /// Told of each message as soon as it is durable.
  void on_message(std::function<void(const Message&)> listener) { listener_ = std::move(listener); }

  /// Reads a conversation's log from the cursor to its end.
  Outcome<void> catch_up(const std::string& conversation_id);
  /// Entries that came by themselves. Where some are missing before them, the log is read.
  Outcome<void> arrived(const std::string& conversation_id, const std::vector<Entry>& entries);

  /// What a commit of ours was to do that lost its epoch to another. Once.
  std::optional<conversation::Intent> take_lost_intent(const std::string& conversation_id);
  std::vector<std::string> conversations_with_lost_intent() const;

 private:
  struct Batch;
  struct Applied {
    bool gap = false;  ///< entries are missing
    std::uint64_t reached = 0;
    bool stands_outside = false;  ///< this device is not in the group, or not any more
  };
  Outcome<Applied> apply(const std::string& conversation_id, const std::vector<Entry>& entries);
  /// False when the group's state cannot follow.
  Outcome<bool> apply_one(Batch& batch, const Entry& entry);
  Outcome<bool> apply_own(Batch& batch, const Entry& entry);
  bool absorb(Batch& batch, const Entry& entry, conversation::ProcessedEntry processed);
  void absorb_commit(Batch& batch, const Entry& entry, conversation::ProcessedEntry& processed);
  Outcome<void> keep(Batch& batch);
  Outcome<void> leave_behind(const std::string& conversation_id, std::uint64_t sequence);
  Outcome<void> learn_members(const std::string& conversation_id);

  Api& api_;
  DeviceState& state_;
  std::function<void(const Message&)> listener_;
  std::map<std::string, conversation::Intent> lost_;
};

/// A stored message as programs see it.
Message message_of(const std::string& conversation_id, const MessageRecord& record);

}  // namespace wardline::client
