#include "server/storage/database.h"

#include <random>
#include <stdexcept>
#include <thread>

#include "server/core/log.h"
#include "server/storage/failure.h"
#include "server/storage/postgres/postgres_database.h"
#include "server/storage/sqlite/sqlite_database.h"

namespace wardline::storage {
namespace {

using Steady = std::chrono::steady_clock;

// A second transaction on a thread that is inside one would wait for its own writer, or see another state
// than its caller: always a bug, so it stops loudly.
thread_local bool t_in_transaction = false;

// So many times a transaction may lose against others before it runs with nobody beside it.
constexpr int kAttemptsAmongOthers = 2;

// What a caller can cause at will must not fill the operator's log.
core::log::Level level_of(const StorageFailure& failure) {
  using Cause = StorageFailure::Cause;
  const bool by_caller = failure.cause() == Cause::already_exists || failure.cause() == Cause::invalid_text;
  return by_caller ? core::log::Level::debug : core::log::Level::warning;
}

class OneAtATime {
 public:
  OneAtATime() {
    if (t_in_transaction) throw std::logic_error("a transaction inside a transaction");
    t_in_transaction = true;
  }
  ~OneAtATime() { t_in_transaction = false; }
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;
};

class RollbackUnlessDone {
 public:
  explicit RollbackUnlessDone(Connection& connection) : connection_(&connection) {}
  ~RollbackUnlessDone() {
    if (connection_ != nullptr) connection_->rollback();
  }
  RollbackUnlessDone(const RollbackUnlessDone&) = delete;
  RollbackUnlessDone& operator=(const RollbackUnlessDone&) = delete;
  void done() { connection_ = nullptr; }

 private:
  Connection* connection_;
};

void pause_before_attempt(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const int ceiling = std::min(1 << std::min(attempt, 6), 50);  // Milliseconds.
  std::this_thread::sleep_for(
      std::chrono::microseconds(std::uniform_int_distribution(50, ceiling * 500)(random)));
}

}  // namespace

core::Result<std::unique_ptr<Database>> Database::open(const Config& config) {
  try {
    if (config.engine == Engine::sqlite) return SqliteDatabase::open(config);
    return PostgresDatabase::open(config);
  } catch (const StorageFailure& failure) {
    core::log::error("storage-open-failed", {{"reason", core::log::Technical{failure.technical()}}});
    return std::unexpected(failure.to_error());
  }
}

core::Result<void> Database::run(Access access, const Step& step) {
  const auto deadline = Steady::now() + config_.patience;
  for (int attempt = 0;; ++attempt) {
    const bool alone = access == Access::write && attempt >= kAttemptsAmongOthers;
    try {
      run_once(alone ? Access::write_alone : access, step);
      return {};
    } catch (const StorageFailure& failure) {
      const bool taken_for_good = alone && failure.cause() == StorageFailure::Cause::already_exists;
      if (!failure.may_retry() || taken_for_good || Steady::now() >= deadline) {
        core::log::write(level_of(failure), "storage-failure",
                         {{"reason", core::log::Technical{failure.technical()}}, {"attempts", attempt + 1}});
        return std::unexpected(failure.to_error());
      }
    }
    pause_before_attempt(attempt);
  }
}

void Database::run_once(Access access, const Step& step) {
  std::vector<std::function<void()>> callbacks;
  {
    const OneAtATime guard;
    const Lease lease(&take(access), GiveBack{this});
    RollbackUnlessDone rollback(*lease);  // Before begin(): that may fail half-way.
    lease->begin(access);
    Transaction tx(*lease);
    if (!step(tx)) return;
    lease->commit();
    rollback.done();
    callbacks = std::move(tx.after_commit_);
  }
  for (const auto& callback : callbacks) callback();
}

}  // namespace wardline::storage
