#include "server/storage/sqlite/checkpointer.h"

#include <sqlite3.h>

#include "server/core/log.h"
#include "server/storage/sqlite/sqlite_error.h"

namespace wardline::storage {

Checkpointer::Checkpointer(const Config& config, SqliteConnection& writer, TicketLock& writer_lock)
    : config_(config),
      connection_(config.file, SqliteConnection::Role::checkpointer),
      writer_lock_(writer_lock),
      writer_(writer.handle()),
      page_size_(connection_.query("PRAGMA page_size", {}).front().get<std::uint64_t>(0)),
      truncate_above_(config.truncate_bytes) {
  sqlite3_busy_timeout(connection_.handle(), 200);  // A long reader must not hold up the writers for longer.
  sqlite3_wal_hook(writer_, &Checkpointer::on_commit, this);
  thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(writer_, nullptr, nullptr);
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

int Checkpointer::on_commit(void* self, sqlite3*, const char*, int pages) {
  auto& it = *static_cast<Checkpointer*>(self);
  const std::lock_guard guard(it.mutex_);
  it.log_bytes_ = static_cast<std::uint64_t>(pages) * it.page_size_;
  if (it.log_bytes_ >= it.config_.checkpoint_bytes && !it.due_) {
    it.due_ = true;
    it.wake_.notify_one();
  }
  return SQLITE_OK;
}

void Checkpointer::run() {
  std::unique_lock guard(mutex_);
  for (;;) {
    wake_.wait(guard, [&] { return due_ || stop_; });
    if (stop_) return;
    const bool too_long = log_bytes_ >= truncate_above_;
    const bool long_enough = log_bytes_ >= config_.restart_bytes;
    guard.unlock();
    checkpoint();
    if (!sync()) return;
    if (too_long) {
      truncate();
    } else if (long_enough) {
      checkpoint();  // What was written during the first one and its sync: less is left for the pause.
      restart();
    }
    guard.lock();
    // At most every 50 ms, so that pages which change often are written once. Commits in between set `due_`
    // again.
    wake_.wait_for(guard, std::chrono::milliseconds(50), [&] { return stop_; });
    due_ = false;
  }
}

void Checkpointer::checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || code == SQLITE_BUSY) return;
  // Nothing is lost: the log stays until a checkpoint works. On a full disk that is when space returns.
  core::log::warning(
      "checkpoint-failed",
      {{"reason", core::log::Technical{sqlite_failure(connection_.handle(), "checkpoint").technical()}}});
}

// SQLite syncs the database file only when it has reached the end of the log, which under load is in the
// pause of restart(): all that was written since the last one would be waited for then. False if the disk has
// lost something: it tells once, so that SQLite's own sync would believe it afterwards. From then on nothing
// is moved, the log keeps everything, and the next start goes on from it.
bool Checkpointer::sync() {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(connection_.handle(), "main", SQLITE_FCNTL_FILE_POINTER,
                           static_cast<void*>(&file)) != SQLITE_OK)
    return true;
  if (file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK) return true;
  core::log::error("database-sync-failed");
  return false;
}

// Moves the little that was written during the last checkpoint while nobody writes: the next writer then
// begins at the front of the file, which the disk takes without allocating anything. A reader that needs the
// log is not waited for.
void Checkpointer::restart() {
  if (!writer_lock_.lock_within(config_.patience)) return;
  checkpoint();
  writer_lock_.unlock();
}

void Checkpointer::truncate() {
  if (!writer_lock_.lock_within(config_.patience)) return;
  const int code =
      sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  writer_lock_.unlock();
  const std::lock_guard guard(mutex_);
  // A reader still needs the log: try again when it has grown by as much, not on every commit.
  truncate_above_ = code == SQLITE_OK ? config_.truncate_bytes : log_bytes_ + config_.truncate_bytes;
}

}  // namespace wardline::storage
