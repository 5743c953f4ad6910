#include "server/storage/sqlite/sqlite_database.h"

#include "server/core/log.h"
#include "server/storage/failure.h"

namespace wardline::storage {
namespace {

using Cause = StorageFailure::Cause;

void limit_size(SqliteConnection& connection, std::uint64_t max_bytes) {
  if (max_bytes == 0) return;
  const auto page_size = connection.query("PRAGMA page_size", {}).front().get<std::uint64_t>(0);
  connection.run(("PRAGMA max_page_count = " + std::to_string(max_bytes / page_size)).c_str());
}

}  // namespace

std::unique_ptr<Database> SqliteDatabase::open(const Config& config) {
  if (config.file.empty() || config.connections == 0)
    throw StorageFailure(Cause::unavailable, "no database file configured");
  return std::make_unique<SqliteDatabase>(config);
}

SqliteDatabase::SqliteDatabase(const Config& config)
    : Database(config),
      writer_(config.file, SqliteConnection::Role::writer),
      checkpointer_(config_, writer_, writer_lock_) {
  writer_.query("SELECT count(*) FROM sqlite_schema",
                {});  // Reads the header: a foreign or damaged file shows here.
  limit_size(writer_, config.max_bytes);
}

SqliteDatabase::~SqliteDatabase() = default;

Connection& SqliteDatabase::take(Access access) {
  if (access == Access::read) return take_reader();
  if (!writer_lock_.lock_within(config_.patience))
    throw StorageFailure(Cause::contended, "the writer is busy");
  return writer_;
}

SqliteConnection& SqliteDatabase::take_reader() {
  std::unique_lock guard(readers_mutex_);
  const auto can_take = [&] { return !idle_readers_.empty() || readers_opened_ < config_.connections; };
  if (!reader_free_.wait_for(guard, config_.patience, can_take))
    throw StorageFailure(Cause::unavailable, "all readers are busy");
  if (!idle_readers_.empty()) {
    SqliteConnection& reader = *idle_readers_.back();
    idle_readers_.pop_back();
    return reader;
  }
  ++readers_opened_;
  guard.unlock();
  try {
    auto reader = std::make_unique<SqliteConnection>(config_.file, SqliteConnection::Role::reader);
    guard.lock();
    readers_.push_back(std::move(reader));
    return *readers_.back();
  } catch (...) {
    if (!guard.owns_lock()) guard.lock();
    --readers_opened_;
    reader_free_.notify_one();
    throw;
  }
}

void SqliteDatabase::give_back(Connection& connection) noexcept {
  if (&connection == &writer_) return writer_lock_.unlock();
  {
    const std::lock_guard guard(readers_mutex_);
    idle_readers_.push_back(static_cast<SqliteConnection*>(&connection));
  }
  reader_free_.notify_one();
}

core::Result<void> SqliteDatabase::check_integrity() {
  return read([](ReadTransaction& tx) -> core::Result<void> {
    const auto verdict = tx.query_value<std::string>("PRAGMA integrity_check(1)");
    const bool references_hold = tx.query("PRAGMA foreign_key_check").empty();
    if (verdict == "ok" && references_hold) return {};
    return std::unexpected(StorageFailure(Cause::corrupt, "integrity_check").to_error());
  });
}

}  // namespace wardline::storage
