// The database of a node: SQLite inside the process or a PostgreSQL server, one interface, one SQL text.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "server/storage/transaction.h"

namespace wardline::storage {

enum class Engine { sqlite, postgres };

struct Config {
  Engine engine = Engine::sqlite;
  /// SQLite: the file. Its directory must exist.
  std::filesystem::path file{};
  /// PostgreSQL: a libpq connection string or URI. Never logged: it may hold a password.
  std::string postgres{};
  /// SQLite: connections for reading beside the one writer. PostgreSQL: connections in all.
  std::size_t connections = 4;
  /// How long a caller waits for a free connection, and a transaction keeps trying against contention.
  std::chrono::milliseconds patience{5000};
  /// SQLite: the write-ahead log is checkpointed beside the writer from this size on …
  std::uint64_t checkpoint_bytes = 4U << 20;
  /// … begun anew in the same file, with a short pause for writers, above this one …
  std::uint64_t restart_bytes = 32U << 20;
  /// … and cut back, with a longer pause, above this one: a long reader was in the way.
  std::uint64_t truncate_bytes = 256U << 20;
  /// SQLite: refuse to grow beyond this size, 0 for none. A quota, and how tests fill the disk.
  std::uint64_t max_bytes = 0;
};

/// Calls block: run them on worker threads, never on the event loop. Safe for use from many threads.
class Database {
 public:
  /// Errors: "storage-unavailable", "storage-corrupt" (not a database, or damaged), "storage-full".
  static core::Result<std::unique_ptr<Database>> open(const Config& config);

  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  virtual Engine engine() const = 0;

  /// Runs `work(ReadTransaction&)`, which returns a core::Result, against one snapshot. Gives back what it
  /// returned, or the error of the database. `work` may run more than once.
  template <class Work>
  std::invoke_result_t<Work&, ReadTransaction&> read(Work&& work) {
    return run_typed<ReadTransaction>(Access::read, work);
  }

  /// Runs `work(Transaction&)`, which returns a core::Result. A value commits, durably, before write()
  /// returns; an error rolls back. Serialisation failures run `work` again, so its only effects may be those
  /// in the transaction; what must happen once, after success, goes to Transaction::after_commit(). A
  /// transaction inside another is a bug: it throws std::logic_error.
  template <class Work>
  std::invoke_result_t<Work&, Transaction&> write(Work&& work) {
    return run_typed<Transaction>(Access::write, work);
  }

  /// Reads every page and checks that tables and indexes agree (PostgreSQL: that it answers; its own tools
  /// check pages). Error "storage-corrupt". Slow: for the restore drill and after a crash, not for every
  /// start.
  virtual core::Result<void> check_integrity() = 0;

 protected:
  explicit Database(const Config& config) : config_(config) {}

  struct GiveBack {
    Database* database;
    void operator()(Connection* connection) const { database->give_back(*connection); }
  };
  using Lease = std::unique_ptr<Connection, GiveBack>;

  /// A connection for this thread alone. Throws StorageFailure when there is none in time.
  virtual Connection& take(Access access) = 0;
  virtual void give_back(Connection& connection) noexcept = 0;

  const Config config_;

 private:
  friend class SchemaMigrator;
  /// Says whether to commit.
  using Step = std::function<bool(Transaction&)>;

  template <class View, class Work>
  std::invoke_result_t<Work&, View&> run_typed(Access access, Work& work) {
    std::optional<std::invoke_result_t<Work&, View&>> outcome;
    const core::Result<void> ran = run(access, [&](Transaction& tx) {
      outcome.emplace(work(static_cast<View&>(tx)));
      return outcome->has_value();
    });
    if (!ran) return std::unexpected(ran.error());
    return std::move(*outcome);
  }

  core::Result<void> run(Access access, const Step& step);
  void run_once(Access access, const Step& step);
};

}  // namespace wardline::storage
