// The hot path: takes encrypted messages from many devices and appends them to their conversations, many in
// one durable transaction.
#pragma once

#include <functional>
#include <memory>

#include "server/delivery/append_batch.h"
#include "server/storage/group_commit.h"

namespace wardline::delivery {

struct SendRequest {
  policy::Subject subject;
  core::ConversationId conversation;
  core::IdempotencyId idempotency;
  std::uint64_t epoch = 0;
  Priority priority = Priority::routine;
  bool needs_acknowledgement = false;
  Bytes message;  ///< an encoded MLSMessage that holds a PrivateMessage
};

using SendDone = std::move_only_function<void(core::Result<Sent>)>;

class Sender {
 public:
  explicit Sender(const DeliveryParts& parts);

  /// Checks what can be checked at once and queues the rest. An error means that `done` is never called; else
  /// it is called once, from another thread, after the message is durable or has been refused. Must be quick:
  /// it holds up the writer. Errors: "not-found", "denied…", "stale-epoch" (current_epoch, last_sequence),
  /// "epoch-closing", "conversation-closed", "malformed-message", "idempotency-reused", "overloaded",
  /// "storage-full".
  core::Result<void> send(SendRequest request, SendDone done);

 private:
  DeliveryParts parts_;
  AppendMemory memory_;  // Of the committer's thread.
  storage::GroupCommit<AppendItem, Sent> commits_;
};

/// That `message` is a PrivateMessage with application data of this group and epoch. Errors:
/// "malformed-message".
core::Result<void> check_envelope(ByteView message, core::ConversationId conversation, std::uint64_t epoch);

/// The typed conflict that tells a client where the conversation is now.
std::unexpected<core::Error> stale_epoch(std::string_view code, std::uint64_t current_epoch,
                                         std::int64_t last_sequence);

}  // namespace wardline::delivery
