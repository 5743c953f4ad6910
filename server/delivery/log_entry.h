// One entry of a conversation's log: an encrypted message or a handshake, with its place in the order.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "server/core/clock.h"
#include "server/core/id.h"

namespace wardline::delivery {

enum class EntryKind : std::uint8_t { message = 1, commit = 2, proposal = 3 };
/// What the sender says about urgency: metadata that the server may see, so that it can act on it (MSG-6).
enum class Priority : std::uint8_t { routine = 0, urgent = 1, critical = 2 };

/// Who wrote an entry: a device of a person. The server's own proposals have none.
struct EntrySender {
  core::UserId user;
  core::DeviceId device;
  bool operator==(const EntrySender&) const = default;
};

/// The form that an adapter sends to clients, made once however many receive it.
class Rendering {
 public:
  template <class Make>
  const std::string& get(const Make& make) const {
    if (!made_.load(std::memory_order_acquire)) {  // std::call_once would end in a system call each time.
      const std::lock_guard guard(mutex_);
      if (!made_.load(std::memory_order_relaxed)) {
        text_ = make();
        made_.store(true, std::memory_order_release);
      }
    }
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::atomic<bool> made_ = false;
  mutable std::string text_;
};

struct LogEntry {
  core::ConversationId conversation;
  std::int64_t sequence = 0;  ///< from 1, without gaps
  EntryKind kind = EntryKind::message;
  std::optional<EntrySender> sender;
  std::uint64_t epoch = 0;  ///< the MLS epoch in which the entry was made
  core::Time stored_at;
  Priority priority = Priority::routine;
  bool needs_acknowledgement = false;
  core::IdempotencyId idempotency;
  Bytes body;  ///< an encoded MLSMessage: ciphertext for a message, public for a handshake
  Rendering rendering;
};

using LogEntryPtr = std::shared_ptr<const LogEntry>;  // Shared: one entry goes out to many sockets.

}  // namespace wardline::delivery
