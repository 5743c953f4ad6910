// Moves the write-ahead log into the database file beside the writer, which never has to do it itself.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/storage/database.h"
#include "server/storage/sqlite/sqlite_connection.h"
#include "server/storage/sqlite/ticket_lock.h"

namespace wardline::storage {

/// STACK: checkpoints in line with commits make the latency peaks, and a writer that never pauses lets the
/// log grow for ever: SQLite begins it anew only when all of it has been moved.
class Checkpointer {
 public:
  /// Watches `writer`, whose lock is `writer_lock`. Both must outlive this object.
  Checkpointer(const Config& config, SqliteConnection& writer, TicketLock& writer_lock);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  static int on_commit(void* self, sqlite3* handle, const char* database, int pages);
  void run();
  void checkpoint();
  bool sync();
  void restart();
  void truncate();

  const Config config_;
  SqliteConnection connection_;
  TicketLock& writer_lock_;
  sqlite3* writer_;
  std::uint64_t page_size_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t log_bytes_ = 0;
  bool due_ = false;
  bool stop_ = false;
  std::uint64_t truncate_above_;
  std::thread thread_;
};

}  // namespace wardline::storage
