// PostgreSQL as the database of one or many nodes: a bounded pool of connections.
#pragma once

#include <condition_variable>
#include <mutex>

#include "server/storage/database.h"
#include "server/storage/postgres/postgres_connection.h"

namespace wardline::storage {

class PostgresDatabase final : public Database {
 public:
  /// Connects once, to say at start what is wrong. Throws StorageFailure.
  static std::unique_ptr<Database> open(const Config& config);
  explicit PostgresDatabase(const Config& config) : Database(config) {}

  Engine engine() const override { return Engine::postgres; }
  core::Result<void> check_integrity() override;

 private:
  Connection& take(Access access) override;
  void give_back(Connection& connection) noexcept override;

  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  std::size_t in_use_ = 0;
};

}  // namespace wardline::storage
