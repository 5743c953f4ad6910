// Messages on their way out. What was sent is on disk before anything else happens; it survives a crash and a
// lost network, goes out in the order in which it was written, and keeps its idempotency id, so that no retry
// shows twice.
#pragma once

#include "client/messaging/groups.h"

namespace wardline::client {

struct Outgoing {
  std::string conversation_id;
  content::Content content = {};
  Priority priority = Priority::routine;
  bool needs_acknowledgement = false;
  std::string id = {};  ///< the idempotency id: the same one again sends nothing again; empty: a new one
};

struct Sent {
  std::string id;
  std::uint64_t sequence = 0;
};

class Outbox {
 public:
  Outbox(Api& api, DeviceState& state, DeviceLog& device_log, EntryLog& log, Groups& groups)
      : api_(api), state_(state), device_log_(device_log), log_(log), groups_(groups) {}

  /// Writes the message down and sends it, after those of the same conversation that wait before it. If the
  /// error is transient, or sending is on hold (ENC-8: `device-log-alarm`, `untrusted-device`), the message
  /// stays and goes out with the first `flush` that may; a refused one is gone.
  Outcome<Sent> send(const Outgoing& message);
  /// Sends everything that waits.
  Outcome<void> flush();

  /// Whether anything may be sent there now: `not-a-member`, and what holds sending back.
  Outcome<ConversationRecord> admit(const std::string& conversation_id) const;
  /// `id-used` if a message with this id went elsewhere.
  Outcome<std::optional<Sent>> sent_before(const std::string& conversation_id, const std::string& id) const;

 private:
  Outcome<void> enqueue(const Outgoing& message, Bytes content);
  Outcome<void> drain(const std::string& conversation_id);
  Outcome<std::uint64_t> deliver(OutboxRecord record);
  Outcome<void> prepare(OutboxRecord& record, const ConversationRecord& conversation);
  /// What a refusal asks for: catch up, commit, or give the message back.
  Outcome<void> resolve(OutboxRecord& record, const Error& error);
  Outcome<void> mark_sent(const OutboxRecord& record, std::uint64_t sequence);
  Outcome<void> mark_refused(const OutboxRecord& record, const Error& error);

  Api& api_;
  DeviceState& state_;
  DeviceLog& device_log_;
  EntryLog& log_;
  Groups& groups_;
};

}  // namespace wardline::client
