// Applies the entries of conversations' logs: in order, each exactly once, the result and the group's state
// in one write. What has been shown is on disk.
#pragma once

#include <functional>

#include "client/messaging/device_log.h"
#include "client/messaging/entry_batch.h"

namespace wardline::client {

class EntryLog {
 public:
  EntryLog(Api& api, DeviceState& state, DeviceLog& device_log)
      : api_(api), state_(state), device_log_(device_log) {}

  /// Told of each message as soon as it is durable.
  void on_message(std::function<void(const Message&)> listener) { listener_ = std::move(listener); }

  /// Reads a conversation's log from the cursor to its end.
  Outcome<void> catch_up(const std::string& conversation_id);
  /// Entries that came by themselves. Where some are missing before them, the log is read.
  Outcome<void> arrived(const std::string& conversation_id, const std::vector<Entry>& entries);

  /// Somebody in its group is in no log of devices (ENC-8): nothing is sent there, and the organisation is
  /// told, until `catch_up` finds that everybody is.
  Outcome<void> hold(const std::string& conversation_id);

  /// The server does not know this person in the conversation: they were removed.
  Outcome<void> leave(const std::string& conversation_id);

  /// The commit of ours that lost its epoch to another. Once.
  std::optional<LostCommit> take_lost_commit(const std::string& conversation_id);
  std::vector<std::string> conversations_with_lost_commit() const;

 private:
  struct Applied {
    bool gap = false;  ///< entries are missing
    std::uint64_t reached = 0;
    bool ended = false;  ///< for now nothing more can be applied: not in the group, or held
  };
  enum class Fate : std::uint8_t {
    applied,
    lost,       ///< the group's state cannot follow
    untrusted,  ///< it will not, for now
  };
  Outcome<Applied> apply(const std::string& conversation_id, const std::vector<Entry>& entries);
  Outcome<Fate> apply_one(EntryBatch& batch, const Entry& entry);
  Outcome<Fate> apply_own(EntryBatch& batch, const Entry& entry);
  static Outcome<Fate> survive(EntryBatch& batch, const Entry& entry, conversation::Code code);
  Outcome<void> keep(EntryBatch& batch);
  Outcome<void> leave_behind(const std::string& conversation_id, std::uint64_t sequence);
  bool are_members_known(const std::string& conversation_id);
  Outcome<void> look_again(const std::string& conversation_id);
  Outcome<void> put_untrusted(const std::string& conversation_id, Yes untrusted);
  Outcome<void> learn_members(const std::string& conversation_id);

  Api& api_;
  DeviceState& state_;
  DeviceLog& device_log_;
  std::function<void(const Message&)> listener_;
  std::map<std::string, LostCommit> lost_;
};

}  // namespace wardline::client
