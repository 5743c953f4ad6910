// A transaction is wholly there or not at all, on every engine, and a failure says of which kind it is.
#include "server/storage/database.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "server/storage/database_contract_test.h"

namespace wardline::storage {
namespace {

class DatabaseTransactions : public DatabaseContract {};
WARDLINE_ON_EACH_ENGINE(DatabaseTransactions);

TEST_P(DatabaseTransactions, AnErrorRollsBackAndAValueCommits) {
  const auto refused = db().write([&](Transaction& tx) -> core::Result<int> {
    tx.execute("INSERT INTO things (id) VALUES ($1)", 1);
    return core::fail(core::ErrorKind::denied, "no", "No.");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no");
  EXPECT_EQ(count_things(), 0);
  ASSERT_TRUE(put(1, "one"));
  EXPECT_EQ(count_things(), 1);
  made_->close();
  made_->open();
  EXPECT_EQ(count_things(), 1);
}

TEST_P(DatabaseTransactions, AnExceptionRollsBackAndPasses) {
  EXPECT_THROW(static_cast<void>(db().write([&](Transaction& tx) -> core::Result<void> {
                 tx.execute("INSERT INTO things (id) VALUES ($1)", 1);
                 throw std::runtime_error("a bug");
               })),
               std::runtime_error);
  EXPECT_EQ(count_things(), 0);
  EXPECT_TRUE(put(1, "one"));
}

TEST_P(DatabaseTransactions, ConstraintsAreNamedByKind) {
  ASSERT_TRUE(put(1, "one"));
  const auto taken = put(2, "one");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "already-exists");
  EXPECT_EQ(taken.error().kind, core::ErrorKind::conflict);
  const auto broken = db().write([](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO counters (name, value) VALUES ($1, $2)", "c", -1);
    return {};
  });
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, "constraint-violated");
  const auto dangling = db().write([](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO parts (id, thing) VALUES (1, 4711)");
    return {};
  });
  EXPECT_FALSE(dangling) << "foreign keys hold";
}

TEST_P(DatabaseTransactions, AnAttemptFailsWithoutTheRest) {
  ASSERT_TRUE(put(1, "one"));
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, name) VALUES (2, 'two')");
    const auto taken = tx.attempt([](Transaction& part) -> core::Result<int> {
      part.execute("INSERT INTO things (id, name) VALUES (3, 'three')");
      part.execute("INSERT INTO things (id, name) VALUES (4, 'one')");
      return 1;
    });
    EXPECT_FALSE(taken);
    const auto denied = tx.attempt([](Transaction& part) -> core::Result<int> {
      part.execute("INSERT INTO things (id, name) VALUES (5, 'five')");
      return core::fail(core::ErrorKind::denied, "no", "No.");
    });
    EXPECT_EQ(denied.error().code, "no");
    const auto fine = tx.attempt([](Transaction& part) -> core::Result<int> {
      return static_cast<int>(part.execute("INSERT INTO things (id, name) VALUES (6, 'six')"));
    });
    EXPECT_EQ(fine, 1);
    return {};
  });
  ASSERT_TRUE(done);
  EXPECT_EQ(count_things(), 3);
}

// Whether an insert fails is told late on PostgreSQL, with the end of the part.
TEST_P(DatabaseTransactions, AnAttemptWhoseLastInsertFailsUndoesThatPartAlone) {
  ASSERT_TRUE(put(1, "one"));
  const std::vector<ParameterRow> taken{{3, "three"}, {4, "one"}};
  const std::vector<ParameterRow> dangling{{1, 4711}};
  const std::vector<ParameterRow> before{{2, "two"}};
  int ran = 0;
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", before);
    const auto exists = tx.attempt([&](Transaction& part) -> core::Result<int> {
      part.after_commit([&] { ++ran; });
      part.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", taken);
      return 1;
    });
    EXPECT_EQ(exists.error().code, "already-exists");
    const auto broken = tx.attempt([&](Transaction& part) -> core::Result<int> {
      part.execute_many("INSERT INTO parts (id, thing) VALUES ($1, $2)", dangling);
      return 1;
    });
    EXPECT_EQ(broken.error().code, "constraint-violated");
    const auto both = tx.attempt([&](Transaction& part) -> core::Result<int> {
      part.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", taken);
      return core::fail(core::ErrorKind::denied, "no", "No.");
    });
    EXPECT_EQ(both.error().code, "already-exists") << "it came first";
    const auto inner = tx.attempt([&](Transaction& outer) -> core::Result<int> {
      outer.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", taken);
      return outer.attempt([](Transaction&) -> core::Result<int> { return 1; });
    });
    EXPECT_FALSE(inner) << "not what the inner part did, and not to be kept";
    tx.execute("INSERT INTO things (id, name) VALUES (5, 'five')");
    return {};
  }));
  EXPECT_EQ(count_things(), 3);
  EXPECT_EQ(ran, 0);
}

TEST_P(DatabaseTransactions, AStatementSeesTheRowsInsertedBeforeIt) {
  const std::vector<ParameterRow> rows{{1, "one"}, {2, "two"}, {3, "three"}};
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", rows);
    EXPECT_EQ(tx.query_value<std::int64_t>("SELECT count(*) FROM things"), 3);
    tx.execute("INSERT INTO things (id) VALUES (4)");
    EXPECT_EQ(tx.execute("UPDATE things SET name = NULL WHERE id > 2"), 2);
    tx.execute("INSERT INTO things (id, name) VALUES (5, 'three')");
    return {};
  }));
  EXPECT_EQ(count_things(), 5);
}

TEST_P(DatabaseTransactions, CallbacksRunOnceAfterTheCommitAndNeverAfterARollback) {
  int ran = 0;
  static_cast<void>(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.after_commit([&] { ran += 100; });
    return core::fail(core::ErrorKind::denied, "no", "No.");
  }));
  EXPECT_EQ(ran, 0);
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id) VALUES (1)");
    tx.after_commit(
        [&] { ran += static_cast<int>(count_things()); });  // Outside of the transaction, and sees it.
    EXPECT_EQ(ran, 0);
    return {};
  }));
  EXPECT_EQ(ran, 1);
}

TEST_P(DatabaseTransactions, ATransactionInsideATransactionIsABug) {
  EXPECT_THROW(
      static_cast<void>(db().write([&](Transaction&) -> core::Result<void> { return put(1, "inner"); })),
      std::logic_error);
  EXPECT_TRUE(put(1, "and leaves everything usable"));
}

TEST_P(DatabaseTransactions, AHealthyDatabasePassesItsIntegrityCheck) {
  ASSERT_TRUE(put(1, "one"));
  EXPECT_TRUE(db().check_integrity());
}

}  // namespace
}  // namespace wardline::storage
