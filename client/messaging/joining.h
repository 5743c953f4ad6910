// Ways into a conversation: by a Welcome, or by external commit on a new device and after the group was lost
// sight of; and the key packages by which others invite this device.
#pragma once

#include "client/messaging/entry_log.h"

namespace wardline::client {

class Joining {
 public:
  Joining(Api& api, DeviceState& state, DeviceLog& device_log)
      : api_(api), state_(state), device_log_(device_log) {}

  /// Keeps enough key packages with the server, and their private halves here.
  Outcome<void> refill_key_packages();
  /// Takes in every Welcome that waits for this device; gives the conversations that it belongs to now. One
  /// into a group with a device that is in no log stays waiting: the log can be late.
  Outcome<std::vector<std::string>> join_by_welcomes();
  /// RFC 9420 §12.4.3.2. False when another commit was faster each time, the server does not admit this
  /// device, or a device in the group is not to be trusted: the next sync tries again.
  Outcome<bool> join_by_external_commit(const std::string& conversation_id);

 private:
  enum class Entrance : std::uint8_t { joined, passed_over, untrusted };
  Outcome<Entrance> join_one(const WaitingWelcome& waiting);
  Outcome<Entrance> join_with(const WaitingWelcome& waiting, const mls::Welcome& welcome,
                              const KeyPackageRecord& package, ByteView reference);
  /// Nothing where the failure is about the work.
  Outcome<bool> distrust(const std::string& conversation_id, const conversation::Failure& failure);
  Outcome<void> settle_join(const std::string& conversation_id, conversation::Conversation group,
                            std::uint64_t sequence);
  Outcome<ConversationRecord> joined_record(const std::string& conversation_id, std::uint64_t sequence);

  Api& api_;
  DeviceState& state_;
  DeviceLog& device_log_;
};

/// What the server says of a conversation, put into the record: members, marks, whether it is closed.
void learn(ConversationRecord& record, const ServerConversation& server);

}  // namespace wardline::client
