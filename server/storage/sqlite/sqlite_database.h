// SQLite as the database of a node: one writer in order of asking, several readers on snapshots.
#pragma once

#include <atomic>

#include "server/storage/database.h"
#include "server/storage/sqlite/checkpointer.h"
#include "server/storage/sqlite/sqlite_connection.h"
#include "server/storage/sqlite/ticket_lock.h"

namespace wardline::storage {

class SqliteDatabase final : public Database {
 public:
  /// Throws StorageFailure.
  static std::unique_ptr<Database> open(const Config& config);
  explicit SqliteDatabase(const Config& config);
  ~SqliteDatabase() override;

  Engine engine() const override { return Engine::sqlite; }
  core::Result<void> check_integrity() override;

 private:
  Connection& take(Access access) override;
  void give_back(Connection& connection) noexcept override;
  SqliteConnection& take_reader();

  TicketLock writer_lock_;
  SqliteConnection writer_;
  Checkpointer checkpointer_;

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
  std::vector<SqliteConnection*> idle_readers_;
  std::size_t readers_opened_ = 0;
};

}  // namespace wardline::storage
