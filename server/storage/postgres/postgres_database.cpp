#include "server/storage/postgres/postgres_database.h"

#include "server/storage/failure.h"

namespace wardline::storage {

std::unique_ptr<Database> PostgresDatabase::open(const Config& config) {
  if (config.connections == 0)
    throw StorageFailure(StorageFailure::Cause::unavailable, "no connections configured");
  auto database = std::make_unique<PostgresDatabase>(config);
  database->idle_.push_back(std::make_unique<PostgresConnection>(config.postgres));
  return database;
}

Connection& PostgresDatabase::take(Access) {
  std::unique_lock guard(mutex_);
  if (!free_.wait_for(guard, config_.patience, [&] { return in_use_ < config_.connections; })) {
    throw StorageFailure(StorageFailure::Cause::unavailable, "postgres: all connections are busy");
  }
  ++in_use_;
  if (!idle_.empty()) {
    PostgresConnection* connection = idle_.back().release();
    idle_.pop_back();
    return *connection;
  }
  guard.unlock();
  try {
    return *std::make_unique<PostgresConnection>(config_.postgres).release();
  } catch (...) {
    guard.lock();
    --in_use_;
    free_.notify_one();
    throw;
  }
}

void PostgresDatabase::give_back(Connection& connection) noexcept {
  std::unique_ptr<PostgresConnection> owned(static_cast<PostgresConnection*>(&connection));
  std::vector<std::unique_ptr<PostgresConnection>> dead;
  {
    const std::lock_guard guard(mutex_);
    --in_use_;
    if (owned->is_usable()) {
      idle_.push_back(std::move(owned));
    } else {
      // The server went away, and with it the idle ones: no reason to find out one by one.
      dead.swap(idle_);
    }
  }
  free_.notify_one();
}

core::Result<void> PostgresDatabase::check_integrity() {
  return read([](ReadTransaction& tx) -> core::Result<void> {
    tx.query("SELECT count(*) FROM schema_migrations");
    return {};
  });
}

}  // namespace wardline::storage
