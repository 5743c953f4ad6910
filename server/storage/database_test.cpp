#include "server/storage/database.h"

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "server/storage/failure.h"
#include "tests/support/test_database.h"

// The contract of every engine: what store code may rely on.
namespace wardline::storage {
namespace {

constexpr Migration kSchema[] = {{9001, "contract", R"(
CREATE TABLE things (
  id BIGINT PRIMARY KEY,
  ok BOOLEAN,
  ratio DOUBLE PRECISION,
  name TEXT,   -- it's a "name"
  body BYTES,
  owner BYTES
);
CREATE UNIQUE INDEX things_name ON things (name);
CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL CHECK (value >= 0)) WITHOUT ROWID;
CREATE TABLE parts (id BIGINT PRIMARY KEY, thing BIGINT NOT NULL REFERENCES things (id));
)"}};

class DatabaseContract : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    made_ = std::make_unique<support::TestDatabase>(GetParam(), gather({kSchema}), settings());
  }
  virtual Config settings() { return {}; }
  Database& db() { return **made_; }

  core::Result<void> put(std::int64_t id, std::string_view name) {
    return db().write([&](Transaction& tx) -> core::Result<void> {
      tx.execute("INSERT INTO things (id, name) VALUES ($1, $2)", id, name);
      return {};
    });
  }
  std::int64_t count_things() {
    return *db().read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
      return *tx.query_value<std::int64_t>("SELECT count(*) FROM things");
    });
  }

  std::unique_ptr<support::TestDatabase> made_;
};
WARDLINE_ON_EACH_ENGINE(DatabaseContract);

TEST_P(DatabaseContract, EveryTypeComesBackAsItWentIn) {
  const auto owner = core::new_id<core::UserId>();
  Bytes body(300);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::uint8_t>(i);
  const core::Time time{1'700'000'000'123'456};
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, ok, ratio, name, body, owner) VALUES ($1, $2, $3, $4, $5, $6)", time,
               true, 0.1, "Zoë 你好 '$1'", body, owner);
    const Rows rows =
        tx.query("SELECT id, ok, ratio, name, body, owner FROM things WHERE owner = $1 AND ok", owner);
    EXPECT_EQ(rows.size(), 1u);
    const Row row = rows.front();
    EXPECT_EQ(row.get<core::Time>(0), time);
    EXPECT_EQ(row.get<std::int64_t>(0), time.microseconds);
    EXPECT_TRUE(row.get<bool>(1));
    EXPECT_EQ(row.get<double>(2), 0.1);
    EXPECT_EQ(row.get<std::string>(3), "Zoë 你好 '$1'");
    EXPECT_EQ(row.get<Bytes>(4), body);
    EXPECT_EQ(row.get<core::UserId>(5), owner);
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_P(DatabaseContract, ExtremesAndEmptyValuesAreNotNull) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, name, body) VALUES ($1, $2, $3)", kMin, "", Bytes());
    tx.execute("INSERT INTO things (id, name, body) VALUES ($1, $2, $3)",
               std::numeric_limits<std::int64_t>::max(), std::string_view(), ByteView());
    return {};
  });
  EXPECT_FALSE(done) << "two empty names are equal";
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, ratio, name, body) VALUES ($1, $2, $3, $4)", kMin, -1e300, "",
               ByteView());
    return {};
  }));
  const auto read = db().read([&](ReadTransaction& tx) -> core::Result<void> {
    const Rows rows = tx.query("SELECT id, ratio, name, body FROM things");
    const Row row = rows.front();
    EXPECT_EQ(row.get<std::int64_t>(0), kMin);
    EXPECT_EQ(row.get<double>(1), -1e300);
    EXPECT_EQ(row.get<std::optional<std::string>>(2), "");
    EXPECT_EQ(row.get<std::optional<Bytes>>(3), Bytes());
    return {};
  });
  EXPECT_TRUE(read);
}

TEST_P(DatabaseContract, NothingIsNullOfAnyType) {
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, ok, ratio, name, body, owner) VALUES ($1, $2, $3, $4, $5, $6)", 1,
               std::optional<bool>(), std::optional<double>(), std::optional<std::string>(), nullptr,
               std::optional<core::UserId>());
    const Rows rows =
        tx.query("SELECT ok, ratio, name, body, owner FROM things WHERE owner IS NOT DISTINCT FROM $1",
                 std::optional<core::UserId>());
    const Row row = rows.front();
    EXPECT_EQ(row.get<std::optional<bool>>(0), std::nullopt);
    EXPECT_EQ(row.get<std::optional<double>>(1), std::nullopt);
    EXPECT_EQ(row.get<std::optional<std::string>>(2), std::nullopt);
    EXPECT_EQ(row.get<std::optional<Bytes>>(3), std::nullopt);
    EXPECT_TRUE(row.is_null(4));
    // A filter that may be absent, in the one way that both engines understand.
    const auto filtered =
        tx.query("SELECT id FROM things WHERE ($1 IS NULL OR name = $1)", std::optional<std::string>());
    EXPECT_EQ(filtered.size(), 1u);
    return {};
  });
  EXPECT_TRUE(done) << done.error().code;
}

TEST_P(DatabaseContract, ParametersAreFoundByNumberInAnyOrder) {
  const auto sum = db().read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
    return *tx.query_value<std::int64_t>("SELECT $3 * 100 + $1 * 10 + $2 + $1 - $1", 1, 2, 3);
  });
  EXPECT_EQ(sum, 312);
}

TEST_P(DatabaseContract, AReadOfTheWrongTypeIsAnErrorAndNotAValue) {
  ASSERT_TRUE(put(1, "one"));
  const auto wrong = [&](auto read) {
    const auto done = db().read([&](ReadTransaction& tx) -> core::Result<void> {
      const Rows rows = tx.query("SELECT id, name, body FROM things");
      read(rows);
      return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage-internal");
  };
  wrong([](const Rows& rows) { rows.front().get<std::string>(0); });
  wrong([](const Rows& rows) { rows.front().get<std::int64_t>(1); });
  wrong([](const Rows& rows) { rows.front().get<Bytes>(1); });
  wrong([](const Rows& rows) { rows.front().get<Bytes>(2); });  // NULL
  wrong([](const Rows& rows) { rows.front().get<Bytes>(3); });
  wrong([](const Rows& rows) { rows[1].get<std::int64_t>(0); });
}

TEST_P(DatabaseContract, AWrongNumberOfParametersIsABugAndIsNotTriedAgain) {
  int runs = 0;
  const auto wrong = db().read([&](ReadTransaction& tx) -> core::Result<void> {
    ++runs;
    tx.query("SELECT id FROM things WHERE id = $1", 1, 2);
    return {};
  });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "storage-internal");
  EXPECT_EQ(runs, 1);
}

TEST_P(DatabaseContract, AnErrorRollsBackAndAValueCommits) {
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

TEST_P(DatabaseContract, AnExceptionRollsBackAndPasses) {
  EXPECT_THROW(static_cast<void>(db().write([&](Transaction& tx) -> core::Result<void> {
                 tx.execute("INSERT INTO things (id) VALUES ($1)", 1);
                 throw std::runtime_error("a bug");
               })),
               std::runtime_error);
  EXPECT_EQ(count_things(), 0);
  EXPECT_TRUE(put(1, "one"));
}

TEST_P(DatabaseContract, ConstraintsAreNamedByKind) {
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

// AUD-3: what a user wrote reaches neither the error nor the log.
TEST_P(DatabaseContract, NeitherErrorsNorLogContainParameters) {
  ASSERT_TRUE(put(1, "Erika Mustermann"));
  testing::internal::CaptureStderr();
  const auto taken = put(2, "Erika Mustermann");
  const auto mistyped = db().read([](ReadTransaction& tx) -> core::Result<void> {
    tx.query("SELECT id FROM things WHERE id = CAST($1 AS BIGINT) AND nowhere = $1", "Erika Mustermann");
    return {};
  });
  const std::string log = testing::internal::GetCapturedStderr();
  ASSERT_FALSE(taken);
  ASSERT_FALSE(mistyped);
  EXPECT_NE(log.find("storage-failure"), std::string::npos) << "the mistyped statement is reported";
  EXPECT_EQ(log.find("Mustermann"), std::string::npos) << log;
  EXPECT_EQ(taken.error().detail.find("Mustermann"), std::string::npos);
}

TEST_P(DatabaseContract, TextThatIsNotUtf8OrHoldsNulIsRefused) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff"), std::string("\xc0\xaf"),
                                 std::string("\xed\xa0\x80"), std::string("\xe4\xbd")}) {
    const auto put_bad = put(1, bad);
    ASSERT_FALSE(put_bad);
    EXPECT_EQ(put_bad.error().code, "invalid-text");
  }
  EXPECT_TRUE(put(1, "\xf0\x9f\x91\xa9\xe2\x80\x8d\xe2\x9a\x95"));
}

TEST_P(DatabaseContract, ManyRowsGoAndComeInOneCall) {
  std::vector<ParameterRow> rows;
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("name " + std::to_string(i));
  for (int i = 0; i < 2000; ++i) {
    if (i % 2 == 0)
      rows.push_back({i, names[static_cast<std::size_t>(i)]});
    else
      rows.push_back({i, nullptr});
  }
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    const auto changed = tx.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", rows);
    EXPECT_EQ(changed, std::vector<std::int64_t>(2000, 1));
    return {};
  }));
  EXPECT_EQ(count_things(), 2000);
  ASSERT_TRUE(db().read([&](ReadTransaction& tx) -> core::Result<void> {
    const std::vector<ParameterRow> wanted{{6}, {4711}, {4}, {1999}};
    const Rows found = tx.query_many("SELECT id, name FROM things WHERE id = $1", wanted);
    EXPECT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].get<int>(0), 6);
    EXPECT_EQ(found[1].get<std::string>(1), "name 4");
    EXPECT_TRUE(found[2].is_null(1));
    return {};
  }));
}

TEST_P(DatabaseContract, OneBadRowAmongManyFailsThemAll) {
  const std::vector<ParameterRow> rows{{1, "a"}, {2, "a"}, {3, "c"}};
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", rows);
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "already-exists");
  EXPECT_EQ(count_things(), 0);
  EXPECT_TRUE(put(1, "the connection still works"));
}

TEST_P(DatabaseContract, AnAttemptFailsWithoutTheRest) {
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

TEST_P(DatabaseContract, CallbacksRunOnceAfterTheCommitAndNeverAfterARollback) {
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

TEST_P(DatabaseContract, ATransactionInsideATransactionIsABug) {
  EXPECT_THROW(
      static_cast<void>(db().write([&](Transaction&) -> core::Result<void> { return put(1, "inner"); })),
      std::logic_error);
  EXPECT_TRUE(put(1, "and leaves everything usable"));
}

TEST_P(DatabaseContract, AReaderSeesOneSnapshotAndCannotWrite) {
  ASSERT_TRUE(db().read([&](ReadTransaction& tx) -> core::Result<void> {
    EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM things"), 0);
    std::thread([&] { EXPECT_TRUE(put(1, "one")); }).join();
    EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM things"), 0);
    return {};
  }));
  EXPECT_EQ(count_things(), 1);
  const auto wrote = db().read([&](ReadTransaction& tx) -> core::Result<void> {
    tx.query("INSERT INTO things (id) VALUES (2) RETURNING id");
    return {};
  });
  EXPECT_FALSE(wrote);
  EXPECT_EQ(count_things(), 1);
}

// DESIGN §2: numbers handed out by read-then-write are gapless, whoever writes at the same time.
TEST_P(DatabaseContract, ConcurrentReadThenWriteLosesNothing) {
  constexpr int kThreads = 6;
  constexpr int kRounds = 40;
  ASSERT_TRUE(db().write([](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO counters (name, value) VALUES ('next', 0)");
    return {};
  }));
  std::atomic<int> failures = 0;
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int i = 0; i < kRounds; ++i) {
        const auto done = db().write([](Transaction& tx) -> core::Result<void> {
          const auto value = *tx.query_value<std::int64_t>("SELECT value FROM counters WHERE name = 'next'");
          tx.execute("INSERT INTO things (id) VALUES ($1)", value);
          tx.execute("UPDATE counters SET value = $1 WHERE name = 'next'", value + 1);
          return {};
        });
        if (!done) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(count_things(), kThreads * kRounds);
}

// Write skew: each reads what the other writes. Only serialisable isolation refuses one of them.
TEST_P(DatabaseContract, TransactionsAreSerialisable) {
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(db().write([](Transaction& tx) -> core::Result<void> {
      tx.execute("DELETE FROM counters");
      tx.execute("INSERT INTO counters (name, value) VALUES ('a', 1), ('b', 1)");
      return {};
    }));
    std::latch start(2);
    const auto go_off_call = [&](std::string_view who) {
      start.arrive_and_wait();
      EXPECT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
        const auto on_call = *tx.query_value<std::int64_t>("SELECT CAST(sum(value) AS BIGINT) FROM counters");
        if (on_call > 1) tx.execute("UPDATE counters SET value = 0 WHERE name = $1", who);
        return {};
      }));
    };
    std::thread a([&] { go_off_call("a"); });
    std::thread b([&] { go_off_call("b"); });
    a.join();
    b.join();
    EXPECT_EQ(db().read([](ReadTransaction& tx) -> core::Result<int> {
      return *tx.query_value<int>("SELECT CAST(sum(value) AS BIGINT) FROM counters");
    }),
              1);
  }
}

class ImpatientDatabase : public DatabaseContract {
 protected:
  Config settings() override { return {.connections = 1, .patience = std::chrono::milliseconds(100)}; }
};
WARDLINE_ON_EACH_ENGINE(ImpatientDatabase);

TEST_P(ImpatientDatabase, WaitingForAConnectionEndsWithUnavailable) {
  std::latch reading(1);
  std::latch release(1);
  std::thread busy([&] {
    EXPECT_TRUE(db().read([&](ReadTransaction&) -> core::Result<void> {
      reading.count_down();
      release.wait();
      return {};
    }));
  });
  reading.wait();
  const auto waited = db().read([](ReadTransaction&) -> core::Result<void> { return {}; });
  release.count_down();
  busy.join();
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().kind, core::ErrorKind::unavailable);
  EXPECT_EQ(count_things(), 0);
}

TEST_P(DatabaseContract, AHealthyDatabasePassesItsIntegrityCheck) {
  ASSERT_TRUE(put(1, "one"));
  EXPECT_TRUE(db().check_integrity());
}

}  // namespace
}  // namespace wardline::storage
