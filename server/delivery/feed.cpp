#include "server/delivery/feed.h"

#include "server/core/log.h"

namespace wardline::delivery {
namespace {

constexpr int kPage = 200;

}  // namespace

Feed::Feed(const Owner& owner, std::unique_ptr<FeedSink> sink, ReadLog read_log, RunLater run_later)
    : owner_(owner),
      read_log_(std::move(read_log)),
      run_later_(std::move(run_later)),
      sink_(std::move(sink)) {}

void Feed::follow(core::ConversationId conversation, std::int64_t after, std::int64_t last_sequence) {
  const std::lock_guard lock(mutex_);
  Cursor& cursor = cursors_[conversation];
  cursor.sent = std::max(cursor.sent, after);
  cursor.known = std::max(cursor.known, last_sequence);
  if (cursor.behind()) schedule_catch_up(lock);
}

void Feed::unfollow(core::ConversationId conversation) {
  const std::lock_guard lock(mutex_);
  cursors_.erase(conversation);
}

void Feed::on_entry(const LogEntryPtr& entry) {
  const std::lock_guard lock(mutex_);
  const auto found = cursors_.find(entry->conversation);
  if (found == cursors_.end() || !sink_) return;
  Cursor& cursor = found->second;
  const bool continues = !cursor.behind() && entry->sequence == cursor.sent + 1;
  cursor.known = std::max(cursor.known, entry->sequence);
  if (!continues) return schedule_catch_up(lock);
  if (blocked_ || !sink_->deliver(entry)) {
    blocked_ = true;
  } else {
    cursor.sent = entry->sequence;
  }
}

void Feed::on_notice(const Notice& notice) {
  const std::lock_guard lock(mutex_);
  if (sink_) sink_->notify(notice);
}

void Feed::resume() {
  const std::lock_guard lock(mutex_);
  blocked_ = false;
  schedule_catch_up(lock);
}

void Feed::when_caught_up(std::function<bool()> ready) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(ready));
  schedule_catch_up(lock);
}

std::vector<core::ConversationId> Feed::close() {
  const std::lock_guard lock(mutex_);
  std::vector<core::ConversationId> followed;
  followed.reserve(cursors_.size());
  for (const auto& [conversation, cursor] : cursors_) followed.push_back(conversation);
  sink_.reset();
  cursors_.clear();
  waiting_.clear();
  return followed;
}

void Feed::schedule_catch_up(const std::lock_guard<std::mutex>&) {
  if (catching_up_ || blocked_ || !sink_) return;
  catching_up_ = true;
  run_later_([self = shared_from_this()] { self->catch_up(); });
}

// Runs on a worker thread, one at a time per feed. The lock is not held while the log is read.
void Feed::catch_up() {
  while (const auto gap = next_gap()) {
    const auto page = read_log_(gap->conversation, owner_.device, gap->cursor.sent, kPage);
    if (!(page ? send_page(*gap, *page) : on_unreadable(*gap, page.error()))) break;
  }
  report_if_caught_up();
}

// The conversation to read next; nothing, with catching_up_ taken back, if there is none. Both under one
// lock, so that an entry that arrives in between finds either the running task or a new one.
std::optional<Feed::Gap> Feed::next_gap() {
  const std::lock_guard lock(mutex_);
  if (sink_ && !blocked_) {
    for (const auto& [conversation, cursor] : cursors_) {
      if (cursor.behind()) return Gap{conversation, cursor};
    }
  }
  catching_up_ = false;
  return std::nullopt;
}

// A database that is away comes back: so does the device then, and goes on from its cursors. What cannot be
// read of one conversation must not hold up the others: the device sees the gap and asks, and is told why.
bool Feed::on_unreadable(const Gap& gap, const core::Error& error) {
  core::log::warning("feed-read-failed",
                     {{"conversation", gap.conversation}, {"code", core::log::Technical{error.code}}});
  const std::lock_guard lock(mutex_);
  if (error.kind == core::ErrorKind::unavailable) {
    if (sink_) sink_->give_up();
    catching_up_ = false;
    return false;
  }
  if (const auto found = cursors_.find(gap.conversation); found != cursors_.end())
    found->second.sent = std::max(found->second.sent, gap.cursor.known);
  return true;
}

bool Feed::send_page(const Gap& gap, const std::vector<LogEntryPtr>& page) {
  const std::lock_guard lock(mutex_);
  const auto found = cursors_.find(gap.conversation);
  if (found == cursors_.end() || !sink_) return true;
  Cursor& cursor = found->second;
  // What was in the log by then and did not come is not for this device: it joined later, or was removed.
  if (page.empty()) cursor.sent = std::max(cursor.sent, gap.cursor.known);
  for (const LogEntryPtr& entry : page) {
    if (entry->sequence <= cursor.sent) continue;
    if (!sink_->deliver(entry)) {
      blocked_ = true;
      catching_up_ = false;
      return false;
    }
    cursor.sent = entry->sequence;
    cursor.known = std::max(cursor.known, cursor.sent);
  }
  return true;
}

void Feed::report_if_caught_up() {
  const std::lock_guard lock(mutex_);
  if (blocked_ || !sink_) return;
  for (const auto& [conversation, cursor] : cursors_) {
    if (cursor.behind()) return;
  }
  std::erase_if(waiting_, [&](const std::function<bool()>& ready) {
    if (!blocked_)
      blocked_ = !ready();  // Under the lock, as with `deliver`: no `resume` is missed in between.
    return !blocked_;
  });
}

}  // namespace wardline::delivery
