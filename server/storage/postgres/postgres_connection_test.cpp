// What goes along with a later statement is done in its order, and fails as itself.
#include "server/storage/postgres/postgres_connection.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/private_postgres.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

using Cause = StorageFailure::Cause;

constexpr Migration kSchema[] = {
    {9001, "t",
     "CREATE TABLE t (id BIGINT PRIMARY KEY, body BYTES); CREATE TABLE u (id BIGINT PRIMARY KEY);"}};
constexpr Sql kInsert = "INSERT INTO t (id, body) VALUES ($1, $2)";
constexpr Sql kInsertOther = "INSERT INTO u (id) VALUES ($1)";

class PostgresConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = support::PrivatePostgres::instance();
    if (server_ == nullptr) GTEST_SKIP() << "not run: PostgreSQL 15 is not installed";
    made_ = std::make_unique<support::TestDatabase>(Engine::postgres, gather({kSchema}));
    conninfo_ = made_->config().postgres;
    connection_ = std::make_unique<PostgresConnection>(conninfo_);
  }
  void TearDown() override { connection_.reset(); }

  void insert(std::int64_t first, std::int64_t count, ByteView body = {}) {
    std::vector<ParameterRow> rows;
    for (std::int64_t id = first; id < first + count; ++id) rows.push_back({id, body});
    connection_->execute_many(kInsert, rows);
  }
  std::int64_t number(Sql sql) { return connection_->query(sql, {}).front().get<std::int64_t>(0); }
  /// As another connection sees it.
  std::int64_t committed() {
    return PostgresConnection(conninfo_).query("SELECT count(*) FROM t", {}).front().get<std::int64_t>(0);
  }
  void kill(std::int64_t backend) {
    server_->administer("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
  }
  /// A transaction that has inserted the row `id` and makes everybody wait who inserts it too.
  std::unique_ptr<PostgresConnection> holder_of(std::int64_t id) {
    auto holder = std::make_unique<PostgresConnection>(conninfo_);
    holder->begin(Access::write);
    holder->execute_many(kInsert, std::vector<ParameterRow>{{id, ByteView()}});
    EXPECT_EQ(holder->query("SELECT id FROM t", {}).size(), 1u);
    return holder;
  }
  void wait_until_blocked(std::int64_t backend) {
    server_->administer(
        "DO $$ BEGIN FOR i IN 1..1000 LOOP EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE "
        "wait_event_type = 'Lock' AND pid = " +
        std::to_string(backend) + "); PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$");
  }
  template <class Work>
  static StorageFailure failure_of(Work work) {
    try {
      work();
    } catch (const StorageFailure& failure) {
      return failure;
    }
    ADD_FAILURE() << "it did not fail";
    return {Cause::misuse, ""};
  }

  support::PrivatePostgres* server_ = nullptr;
  std::unique_ptr<support::TestDatabase> made_;
  std::string conninfo_;
  std::unique_ptr<PostgresConnection> connection_;
};

TEST_F(PostgresConnectionTest, AnInsertThatFailsIsReportedAsItselfAndNothingIsCommitted) {
  connection_->begin(Access::write);
  insert(1, 3);
  insert(3, 1);
  connection_->execute(kInsertOther, std::vector<Parameter>{7});
  const auto failure = failure_of([&] { connection_->commit(); });
  EXPECT_EQ(failure.cause(), Cause::already_exists);
  EXPECT_TRUE(failure.technical().ends_with(kInsert.view())) << failure.technical();
  EXPECT_TRUE(failure.may_retry());
  connection_->rollback();
  EXPECT_EQ(committed(), 0);
  ASSERT_TRUE(connection_->is_usable());
  connection_->begin(Access::write);
  insert(1, 3);
  EXPECT_EQ(number("SELECT count(*) FROM u"), 0);
  connection_->commit();
  EXPECT_EQ(committed(), 3);
}

TEST_F(PostgresConnectionTest, AnInsertThatFailsIsReportedByTheNextStatementThatIsAnswered) {
  connection_->begin(Access::write);
  insert(1, 1);
  insert(1, 1);
  const auto failure = failure_of([&] { number("SELECT count(*) FROM t"); });
  EXPECT_EQ(failure.cause(), Cause::already_exists);
  EXPECT_TRUE(failure.technical().ends_with(kInsert.view())) << failure.technical();
  EXPECT_EQ(failure_of([&] { connection_->commit(); }).cause(), Cause::misuse) << "COMMIT rolled back";
  connection_->rollback();
  EXPECT_EQ(committed(), 0);
  // What was not even prepared, because something before it had failed, is prepared then.
  connection_->begin(Access::read);
  EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
  connection_->commit();
}

TEST_F(PostgresConnectionTest, ATransactionIsASerialisableOneAfterItsLock) {
  connection_->begin(Access::write);
  EXPECT_EQ(
      connection_->query("SELECT current_setting('transaction_isolation')", {}).front().get<std::string>(0),
      "serializable");
  EXPECT_EQ(number("SELECT count(*) FROM pg_locks WHERE mode = 'RowShareLock' AND pid = pg_backend_pid() AND "
                   "relation = CAST('schema_migrations' AS regclass)"),
            1);
  connection_->rollback();
  connection_->begin(Access::write_alone);
  EXPECT_EQ(number("SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND pid = pg_backend_pid() "
                   "AND relation = CAST('schema_migrations' AS regclass)"),
            1);
  connection_->rollback();
  connection_->begin(Access::read);
  EXPECT_EQ(failure_of([&] {
              insert(1, 1);
              connection_->query("SELECT 1", {});
            }).cause(),
            Cause::misuse);
  connection_->rollback();
  EXPECT_EQ(committed(), 0);
}

TEST_F(PostgresConnectionTest, AReadEndsItsTransactionWithoutWaitingForIt) {
  connection_->begin(Access::read);
  EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
  connection_->commit();
  PostgresConnection other(conninfo_);
  other.begin(Access::schema);
  other.run_schema_script("ALTER TABLE t ADD COLUMN more BIGINT;");  // Would wait for whoever still reads it.
  other.commit();
  connection_->begin(Access::write);
  insert(1, 2);
  connection_->commit();
  EXPECT_EQ(committed(), 2);
}

TEST_F(PostgresConnectionTest, AConnectionThatDiedBeforeCommitWasSentMayRunAgain) {
  connection_->begin(Access::write);
  const auto backend = number("SELECT CAST(pg_backend_pid() AS BIGINT)");
  insert(1, 10);
  kill(backend);
  const auto failure = failure_of([&] { number("SELECT count(*) FROM t"); });
  EXPECT_EQ(failure.cause(), Cause::unavailable);
  EXPECT_TRUE(failure.may_retry());
  connection_->rollback();
  EXPECT_FALSE(connection_->is_usable());
  EXPECT_EQ(committed(), 0);
}

TEST_F(PostgresConnectionTest, AServerThatSaidGoodbyeBeforeItCameToCommitDidNotCommit) {
  connection_->begin(Access::write);
  const auto backend = number("SELECT CAST(pg_backend_pid() AS BIGINT)");
  insert(1, 10);
  const auto other = holder_of(5);
  std::thread killer([&] {
    wait_until_blocked(backend);
    kill(backend);
  });
  const auto failure = failure_of([&] { connection_->commit(); });
  killer.join();
  EXPECT_EQ(failure.cause(), Cause::unavailable);
  EXPECT_TRUE(failure.may_retry()) << failure.technical();
  other->rollback();
  EXPECT_EQ(committed(), 0);
}

TEST_F(PostgresConnectionTest, AConnectionLostWhenCommitWasSentIsNotRunAgain) {
  connection_->begin(Access::write);
  const auto backend = number("SELECT CAST(pg_backend_pid() AS BIGINT)");
  insert(1, 10);
  const auto other = holder_of(5);
  std::thread committer([&] {
    const auto failure = failure_of([&] { connection_->commit(); });
    EXPECT_EQ(failure.cause(), Cause::unavailable);
    EXPECT_FALSE(failure.may_retry()) << failure.technical();
  });
  wait_until_blocked(backend);
  server_->crash_and_restart();  // No answer, no SQLSTATE.
  committer.join();
}

TEST_F(PostgresConnectionTest, ManyLargeRowsNeitherBlockNorFail) {
  const Bytes body(10'000, 7);
  connection_->begin(Access::write);
  insert(1, 10'000, body);
  connection_->commit();
  EXPECT_EQ(committed(), 10'000);
}

TEST_F(PostgresConnectionTest, AnyNumberOfRowsOfAnyTypesIsInserted) {
  connection_->begin(Access::write);
  std::int64_t first = 0;
  for (std::int64_t count = 0; count <= 130; first += count++) insert(first, count);
  std::vector<ParameterRow> mixed;
  const Bytes body(3, 1);
  for (std::int64_t id = 0; id < 20; ++id) {
    mixed.push_back({first + id, id % 3 == 0 ? Parameter(nullptr) : Parameter(body)});
  }
  connection_->execute_many(kInsert, mixed);
  EXPECT_EQ(number("SELECT count(*) FROM t"), first + 20);
  EXPECT_EQ(number("SELECT count(*) FROM t WHERE body IS NULL"), 7);
  EXPECT_EQ(number("SELECT max(id) FROM t"), first + 19);
  connection_->commit();
}

TEST_F(PostgresConnectionTest, ATextThatIsRefusedLeavesNoAnswersBehind) {
  const std::vector<ParameterRow> rows{{"1"}, {"2"}, {"\xff"}};
  connection_->begin(Access::read);
  EXPECT_EQ(failure_of([&] { connection_->query_many("SELECT CAST($1 AS TEXT)", rows); }).cause(),
            Cause::invalid_text);
  EXPECT_EQ(number("SELECT CAST(7 AS BIGINT)"), 7);
  connection_->commit();
}

}  // namespace
}  // namespace wardline::storage
