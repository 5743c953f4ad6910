// Feeds one connected device: every entry of its conversations, in order, once, whatever the network and the
// writer do.
//
// A live entry is only a hint. The feed keeps, per conversation, the sequence number it has sent last; an
// entry that does not continue there makes it read the log instead. So a slow socket, a lost wake-up or two
// writers can delay an entry, but never drop, double or reorder one (MSG-2).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "server/core/error.h"
#include "server/delivery/log_entry.h"
#include "server/delivery/notice.h"

namespace wardline::delivery {

/// Where a feed sends: a socket. Calls must not block; they may come from any thread, one at a time.
class FeedSink {
 public:
  virtual ~FeedSink() = default;
  /// Queues the entry. False if the outbound queue is full: nothing was queued, and `Feed::resume` will be
  /// called.
  virtual bool deliver(const LogEntryPtr& entry) = 0;
  /// Queues a notice. A full queue drops it: each notice can be fetched again, and the sink sees to it that
  /// this is done.
  virtual void notify(const Notice& notice) = 0;
  /// The log cannot be read now: ends the connection, so that the device comes again and goes on where it
  /// was.
  virtual void give_up() = 0;
};

/// Reads `limit` entries of a conversation after `after`, in order, as far as `device` may see them.
using ReadLog = std::function<core::Result<std::vector<LogEntryPtr>>(
    core::ConversationId, core::DeviceId device, std::int64_t after, int limit)>;
/// Runs a task on a worker thread, some time soon.
using RunLater = std::function<void(std::function<void()>)>;

class Feed : public std::enable_shared_from_this<Feed> {
 public:
  /// Whose connection it is. The session is the one that it was opened in, if any.
  struct Owner {
    core::UserId user;
    core::DeviceId device;
    std::optional<core::SessionId> session;
  };
  Feed(const Owner& owner, std::unique_ptr<FeedSink> sink, ReadLog read_log, RunLater run_later);

  const Owner& owner() const { return owner_; }

  /// Follows a conversation from the entry after `after`, and catches up if the log is already further.
  void follow(core::ConversationId conversation, std::int64_t after, std::int64_t last_sequence);
  /// Sends nothing of this conversation any more: the device has been removed.
  void unfollow(core::ConversationId conversation);

  /// A durable entry, from the writer. Returns at once.
  void on_entry(const LogEntryPtr& entry);
  void on_notice(const Notice& notice);
  /// The outbound queue has room again.
  void resume();
  /// Calls `ready` once everything that was in the log when it was called has been queued; as with `deliver`,
  /// false says that there is no room for what it wanted to say, and that it wants to be called again.
  void when_caught_up(std::function<bool()> ready);
  /// Ends the feed: the sink is not called any more after this returns. Gives the conversations that it
  /// followed.
  std::vector<core::ConversationId> close();

 private:
  struct Cursor {
    std::int64_t sent = 0;   // Everything up to here has been queued.
    std::int64_t known = 0;  // The log reaches at least to here.
    bool behind() const { return known > sent; }
  };

  /// What to read next: the entries of `conversation` after `cursor.sent`; the log reached to `cursor.known`
  /// then.
  struct Gap {
    core::ConversationId conversation;
    Cursor cursor;
  };

  void schedule_catch_up(const std::lock_guard<std::mutex>&);
  void catch_up();
  std::optional<Gap> next_gap();
  bool on_unreadable(const Gap& gap, const core::Error& error);
  bool send_page(const Gap& gap, const std::vector<LogEntryPtr>& page);
  void report_if_caught_up();

  const Owner owner_;
  const ReadLog read_log_;
  const RunLater run_later_;

  std::mutex mutex_;
  std::unique_ptr<FeedSink> sink_;
  std::unordered_map<core::ConversationId, Cursor> cursors_;
  std::vector<std::function<bool()>> waiting_;
  bool catching_up_ = false;  // A task is running or queued.
  bool blocked_ = false;      // The outbound queue is full.
};

using FeedPtr = std::shared_ptr<Feed>;  // Shared: the socket, the hub and a catch-up task hold it.

}  // namespace wardline::delivery
