#include <sys/mount.h>

#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "lib/crypto/random.h"
#include "server/storage/group_commit.h"
#include "server/storage/postgres/postgres_error.h"
#include "tests/support/private_postgres.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

using Cause = StorageFailure::Cause;

constexpr Migration kSchema[] = {{9001, "t", "CREATE TABLE t (id BIGINT PRIMARY KEY, body BYTES);"}};

class PostgresDatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = support::PrivatePostgres::instance();
    if (server_ == nullptr) GTEST_SKIP() << "not run: PostgreSQL 15 is not installed";
    made_ = std::make_unique<support::TestDatabase>(Engine::postgres, gather({kSchema}));
  }
  Database& db() { return **made_; }
  core::Result<void> put(std::int64_t id) {
    return db().write([&](Transaction& tx) -> core::Result<void> {
      tx.execute("INSERT INTO t (id) VALUES ($1)", id);
      return {};
    });
  }
  core::Result<std::int64_t> count() {
    return db().read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
      return *tx.query_value<std::int64_t>("SELECT count(*) FROM t");
    });
  }
  support::PrivatePostgres* server_ = nullptr;
  std::unique_ptr<support::TestDatabase> made_;
};

TEST_F(PostgresDatabaseTest, AfterTheServerCrashedWorkGoesOn) {
  ASSERT_TRUE(put(1));
  server_->crash_and_restart();
  EXPECT_TRUE(put(2)) << "a dead connection is replaced before anything was written";
  EXPECT_EQ(count(), 2);
}

TEST_F(PostgresDatabaseTest, AConnectionKilledInsideATransactionRunsItAgain) {
  int runs = 0;
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO t (id) VALUES (1)");
    if (++runs == 1) {
      const int backend = *tx.query_value<int>("SELECT pg_backend_pid()");
      server_->administer("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
    }
    tx.execute("INSERT INTO t (id) VALUES (2)");
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count(), 2);
}

TEST_F(PostgresDatabaseTest, ACommitThatIsCutOffIsReportedAndNotRunAgain) {
  // A commit that waits for a standby that is not there has happened already; ending its connection then is
  // what a shutdown does, and is answered with an SQLSTATE.
  server_->administer("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server_->administer("SELECT pg_reload_conf()");
  std::atomic<bool> over = false;
  std::thread killer([&] {
    while (!over) {
      server_->administer(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  int runs = 0;
  int writes = 0;
  core::Result<void> done;
  do {  // Until the new setting is in force.
    ++writes;
    done = db().write([&](Transaction& tx) -> core::Result<void> {
      tx.execute("INSERT INTO t (id) VALUES ($1)", ++runs);
      return {};
    });
  } while (done && writes < 1000);
  over = true;
  killer.join();
  server_->administer("ALTER SYSTEM RESET synchronous_standby_names");
  server_->administer("SELECT pg_reload_conf()");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "storage-unavailable");
  EXPECT_EQ(runs, writes);
  EXPECT_EQ(count(), writes) << "it had been committed: once more would have been twice";
}

TEST_F(PostgresDatabaseTest, AConnectionKilledInsideAPipelineRunsItAgain) {
  const Bytes body(2000, 1);
  int runs = 0;
  std::vector<ParameterRow> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back({i, body});
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    if (++runs == 1) {
      const int backend = *tx.query_value<int>("SELECT pg_backend_pid()");
      server_->administer("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
    }
    tx.execute_many("INSERT INTO t (id, body) VALUES ($1, $2)", rows);
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count(), 3000);
}

TEST_F(PostgresDatabaseTest, AServerThatIsAwayIsUnavailableWithinOurPatience) {
  const auto opened = Database::open(
      {.engine = Engine::postgres, .postgres = "host=/nonexistent user=nobody password=hunter2"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "storage-unavailable");
  EXPECT_EQ(opened.error().detail.find("hunter2"), std::string::npos);
}

TEST_F(PostgresDatabaseTest, LargeAnswersInAPipelineDoNotBlock) {
  const Bytes body(100'000, 1);
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO t (id, body) VALUES (1, $1)", body);
    return {};
  }));
  const std::vector<ParameterRow> rows(300, ParameterRow{1, ByteView(body)});
  const auto total = db().read([&](ReadTransaction& tx) -> core::Result<std::size_t> {
    std::size_t bytes = 0;
    for (const Row row : tx.query_many("SELECT body FROM t WHERE id = $1 AND body = $2", rows))
      bytes += row.bytes_view(0).size();
    return bytes;
  });
  EXPECT_EQ(total, 30'000'000u);
}

TEST_F(PostgresDatabaseTest, DurabilityIsSwitchedOnWhateverTheServerDefaultsTo) {
  server_->administer("ALTER ROLE postgres SET synchronous_commit = off");
  made_->close();
  made_->open();
  const auto mode = db().read([](ReadTransaction& tx) -> core::Result<std::string> {
    return *tx.query_value<std::string>("SELECT current_setting('synchronous_commit')");
  });
  server_->administer("ALTER ROLE postgres RESET synchronous_commit");
  EXPECT_EQ(mode, "on");
}

// Two that read the same and write crosswise, for ever in each other's way: the loser ends up alone and gets
// through.
TEST_F(PostgresDatabaseTest, ATransactionThatKeepsLosingRunsAlone) {
  int runs = 0;
  std::int64_t next = 1000;
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    const auto seen = *tx.query_value<std::int64_t>("SELECT count(*) FROM t");
    if (++runs <= 2) std::thread([&] { ASSERT_TRUE(put(seen)); }).join();
    tx.execute("INSERT INTO t (id) VALUES ($1)", seen);
    next = seen;
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(next, 2);
  EXPECT_EQ(count(), 3);
}

// OPS-3: a full disk is named, and writing goes on when there is space again.
TEST_F(PostgresDatabaseTest, AFullTablespaceSaysFullAndHeals) {
  const auto place = server_->directory() / "small";
  std::filesystem::create_directory(place);
  if (::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP() << "not run: a small file system cannot be mounted here";
  }
  support::PrivatePostgres::give_to_server_account(place);
  server_->administer("CREATE TABLESPACE small LOCATION '" + place.string() + "'");
  ASSERT_TRUE(db().write([](Transaction& tx) -> core::Result<void> {
    tx.execute("ALTER TABLE t SET TABLESPACE small");
    return {};
  }));
  using Appender = GroupCommit<std::int64_t, std::int64_t>;
  {
    const Bytes body = crypto::random_bytes(1500);  // Not to be compressed away.
    Appender appender(db(), [&](Transaction& tx, std::span<const std::int64_t> items) {
      Appender::Outcomes outcomes;
      for (const std::int64_t item : items) {
        tx.execute("INSERT INTO t (id, body) VALUES ($1, $2)", item, body);
        outcomes.push_back(item);
      }
      return outcomes;
    });
    core::Result<std::int64_t> last = 0;
    std::int64_t stored = 0;
    while (last && stored < 2000) {
      last = appender.commit(stored);
      if (last) ++stored;
    }
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().kind, core::ErrorKind::storage_full);
    EXPECT_EQ(count(), stored);
    ASSERT_EQ(::mount("tmpfs", place.c_str(), "tmpfs", MS_REMOUNT, "size=8m"), 0);
    EXPECT_TRUE(appender.commit(9999));
    EXPECT_EQ(count(), stored + 1);
  }
  made_.reset();
  server_->administer("CHECKPOINT");
  server_->administer("DROP TABLESPACE small");
  ::umount2(place.c_str(), MNT_DETACH);
}

TEST(PostgresError, EachStateHasItsMeaning) {
  const auto cause = [](std::string_view state) { return postgres_failure(state, "SELECT 1").cause(); };
  EXPECT_EQ(cause("40001"), Cause::contended);
  EXPECT_EQ(cause("40P01"), Cause::contended);
  EXPECT_EQ(cause("23505"), Cause::already_exists);
  EXPECT_EQ(cause("23503"), Cause::constraint);
  EXPECT_EQ(cause("53100"), Cause::full);
  EXPECT_EQ(cause("57P01"), Cause::unavailable);
  EXPECT_EQ(cause("XX001"), Cause::corrupt);
  EXPECT_EQ(cause("42601"), Cause::misuse);
  EXPECT_EQ(cause("08P01"), Cause::misuse);
  EXPECT_EQ(cause("08006"), Cause::unavailable);
}

}  // namespace
}  // namespace wardline::storage
