// Transactions at the same time: as if one came after the other, on every engine.
#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "server/storage/database_contract_test.h"

namespace wardline::storage {
namespace {

class DatabaseConcurrency : public DatabaseContract {};
WARDLINE_ON_EACH_ENGINE(DatabaseConcurrency);

TEST_P(DatabaseConcurrency, AReaderSeesOneSnapshotAndCannotWrite) {
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
TEST_P(DatabaseConcurrency, ConcurrentReadThenWriteLosesNothing) {
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
TEST_P(DatabaseConcurrency, TransactionsAreSerialisable) {
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

}  // namespace
}  // namespace wardline::storage
