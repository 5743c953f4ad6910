#include "server/storage/group_commit.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/result.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

constexpr Migration kSchema[] = {{9001, "log",
                                  "CREATE TABLE log (id BIGINT PRIMARY KEY, item BIGINT NOT NULL CHECK (item "
                                  "<> 666), body BYTES NOT NULL);"}};

using Appender = GroupCommit<std::int64_t, std::int64_t>;

// Appends each item and answers with its place: what delivery does, in small.
Appender::Outcomes append_items(Transaction& tx, std::span<const std::int64_t> items) {
  const Bytes body(600, 7);
  std::int64_t next = tx.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM log").value() + 1;
  std::vector<ParameterRow> rows;
  Appender::Outcomes outcomes;
  for (const std::int64_t item : items) {
    if (item < 0) {
      outcomes.push_back(
          core::fail(core::ErrorKind::conflict, "negative", "Refused before anything was written."));
      continue;
    }
    rows.push_back({next, item, body});
    outcomes.push_back(next++);
  }
  tx.execute_many("INSERT INTO log (id, item, body) VALUES ($1, $2, $3)", rows);
  return outcomes;
}

std::set<std::int64_t> items_in(Database& database) {
  return *database.read([](ReadTransaction& tx) -> core::Result<std::set<std::int64_t>> {
    std::set<std::int64_t> items;
    for (const Row row : tx.query("SELECT item FROM log")) items.insert(row.get<std::int64_t>(0));
    return items;
  });
}

// No gap: the places are 1 … count.
void expect_gapless(Database& database) {
  EXPECT_TRUE(database.read([](ReadTransaction& tx) -> core::Result<void> {
    const Rows rows = tx.query("SELECT coalesce(max(id), 0), count(*) FROM log");
    EXPECT_EQ(rows.front().get<std::int64_t>(0), rows.front().get<std::int64_t>(1));
    return {};
  }));
}

// Holds up the committer, so that items gather behind the first.
class Gate {
 public:
  Appender::Outcomes operator()(Transaction& tx, std::span<const std::int64_t> items) {
    ++batches;
    largest = std::max(largest.load(), items.size());
    if (batches == 1) open.wait();
    return append_items(tx, items);
  }
  std::latch open{1};
  std::atomic<int> batches = 0;
  std::atomic<std::size_t> largest = 0;
};

class GroupCommitTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) made_ = std::make_unique<support::TestDatabase>(GetParam(), gather({kSchema}));
  }
  Database& db() { return **made_; }
  std::unique_ptr<support::TestDatabase> made_;
};
WARDLINE_ON_EACH_ENGINE(GroupCommitTest);

TEST_P(GroupCommitTest, ItemsOfManyThreadsGetGaplessPlaces) {
  Appender appender(db(), append_items);
  std::mutex mutex;
  std::set<std::int64_t> places;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto place = appender.commit(t * 1000 + i);
        ASSERT_TRUE(place);
        const std::lock_guard guard(mutex);
        places.insert(*place);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(places.size(), 400u);
  EXPECT_EQ(*places.rbegin(), 400);
  EXPECT_EQ(items_in(db()).size(), 400u);
}

TEST_P(GroupCommitTest, WhatGathersDuringACommitGoesIntoOneTransaction) {
  Gate gate;
  Appender appender(db(), std::ref(gate));
  std::latch done(101);
  for (int i = 0; i <= 100; ++i) {
    ASSERT_TRUE(appender.submit(i, [&](core::Result<std::int64_t> place) {
      EXPECT_TRUE(place);
      done.count_down();
    }));
    while (gate.batches == 0) std::this_thread::yield();  // The first goes alone and waits.
  }
  gate.open.count_down();
  done.wait();
  EXPECT_EQ(gate.batches, 2);
  EXPECT_EQ(gate.largest, 100u);
}

TEST_P(GroupCommitTest, AnItemThatIsRefusedLeavesItsNeighboursAlone) {
  Gate gate;
  Appender appender(db(), std::ref(gate));
  std::vector<core::Result<std::int64_t>> results(4);
  std::latch done(4);
  const std::int64_t items[] = {1, 2, -5, 3};
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(appender.submit(items[i], [&, i](core::Result<std::int64_t> place) {
      results[i] = std::move(place);
      done.count_down();
    }));
    while (gate.batches == 0) std::this_thread::yield();
  }
  gate.open.count_down();
  done.wait();
  EXPECT_EQ(results[1], 2);
  EXPECT_EQ(support::code_of(results[2]), "negative");
  EXPECT_EQ(results[3], 3);
}

TEST_P(GroupCommitTest, APoisonedItemCannotLoseItsNeighbours) {
  Gate gate;
  Appender appender(db(), std::ref(gate));
  constexpr std::int64_t kPoison = 666;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::latch done(65);
  for (int i = 0; i <= 64; ++i) {
    ASSERT_TRUE(appender.submit(i == 37 ? kPoison : i, [&](core::Result<std::int64_t> place) {
      ++(place ? good : bad);
      done.count_down();
    }));
    while (gate.batches == 0) std::this_thread::yield();
  }
  gate.open.count_down();
  done.wait();
  EXPECT_EQ(good, 64);
  EXPECT_EQ(bad, 1);
  EXPECT_EQ(items_in(db()).size(), 64u);
  expect_gapless(db());
}

// Appends under the item's own number, and looks only from the second run on whether that is taken.
struct LooksLate {
  Appender::Outcomes operator()(Transaction& tx, std::span<const std::int64_t> items) {
    ++runs;
    Appender::Outcomes outcomes;
    for (const std::int64_t item : items) {
      const bool there = looks_when_taken && runs > 1 &&
                         tx.query_value<std::int64_t>("SELECT id FROM log WHERE id = $1", item);
      if (!there) tx.execute("INSERT INTO log (id, item, body) VALUES ($1, $1, $2)", item, Bytes());
      outcomes.push_back(item);
    }
    return outcomes;
  }
  bool looks_when_taken = true;
  std::atomic<int> runs = 0;
};

TEST_P(GroupCommitTest, AnItemAloneWhoseKeyIsTakenIsTriedASecondTime) {
  LooksLate late;
  Appender appender(db(), std::ref(late));
  ASSERT_TRUE(appender.commit(7));
  late.runs = 0;
  EXPECT_EQ(appender.commit(7), 7);
  EXPECT_EQ(late.runs, 2);
  EXPECT_EQ(items_in(db()), std::set<std::int64_t>{7});
}

TEST_P(GroupCommitTest, AnItemWhoseKeyStaysTakenIsRefusedAndTheOthersGoOn) {
  LooksLate late{.looks_when_taken = false};
  Appender appender(db(), std::ref(late));
  ASSERT_TRUE(appender.commit(7));
  EXPECT_EQ(support::code_of(appender.commit(7)), "already-exists");
  EXPECT_EQ(appender.commit(8), 8);
}

TEST_P(GroupCommitTest, ABugInTheBatchBecomesAnErrorOfItsItems) {
  Appender appender(db(), [](Transaction& tx, std::span<const std::int64_t> items) -> Appender::Outcomes {
    if (items[0] == 1) throw std::runtime_error("a bug");
    if (items[0] == 2) return {};
    return append_items(tx, items);
  });
  EXPECT_EQ(support::code_of(appender.commit(1)), "group-commit-bug");
  EXPECT_EQ(support::code_of(appender.commit(2)), "group-commit-bug");
  EXPECT_TRUE(appender.commit(3));
}

TEST_P(GroupCommitTest, AFullQueueRefusesAndNeverCalls) {
  Gate gate;
  std::atomic<int> called = 0;
  {
    Appender appender(db(), std::ref(gate), {.queued = 3, .batch = 2});
    const auto count = [&](core::Result<std::int64_t>) { ++called; };
    ASSERT_TRUE(appender.submit(0, count));
    while (gate.batches == 0) std::this_thread::yield();
    for (int i = 1; i <= 3; ++i) EXPECT_TRUE(appender.submit(i, count));
    const auto refused = appender.submit(4, count);
    ASSERT_FALSE(refused);
    EXPECT_EQ(support::code_of(refused), "overloaded");
    EXPECT_EQ(refused.error().kind, core::ErrorKind::unavailable);
    gate.open.count_down();
  }  // Commits what is queued, then stops.
  EXPECT_EQ(called, 4);
  EXPECT_EQ(items_in(db()).size(), 4u);
  EXPECT_LE(gate.largest, 2u);
}

// In the child: appends for ever on four threads and writes each acknowledged item into the pipe.
[[noreturn]] void append_until_killed(const Config& config, int pipe, std::int64_t first) {
  auto database = Database::open(config);
  if (!database) ::_exit(1);
  Appender appender(**database, append_items);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t item = first + t * 1'000'000;; ++item) {
        if (!appender.commit(item)) ::_exit(2);
        if (::write(pipe, &item, sizeof(item)) != sizeof(item)) ::_exit(3);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ::_exit(4);
}

// DESIGN §2, OPS-3: an acknowledged append survives kill -9; one not acknowledged is wholly there or not at
// all.
TEST_P(GroupCommitTest, EverythingAcknowledgedSurvivesKillNine) {
  made_->close();
  std::set<std::int64_t> acknowledged;
  for (int round = 0; round < 3; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) append_until_killed(made_->config(), pipe[1], 1000 + round * 100'000'000);
    ::close(pipe[1]);
    const std::size_t enough = acknowledged.size() + 150;
    std::int64_t item = 0;
    while (acknowledged.size() < enough && ::read(pipe[0], &item, sizeof(item)) == sizeof(item))
      acknowledged.insert(item);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child stopped by itself";
    // What was acknowledged between our last look and the kill counts as well.
    while (::read(pipe[0], &item, sizeof(item)) == sizeof(item)) acknowledged.insert(item);
    ::close(pipe[0]);
    made_->open();
    const std::set<std::int64_t> stored = items_in(db());
    EXPECT_TRUE(std::ranges::includes(stored, acknowledged));
    EXPECT_LE(stored.size(), acknowledged.size() + 4u * (round + 1))
        << "at most one item of each thread was on its way";
    expect_gapless(db());
    EXPECT_TRUE(db().check_integrity());
    made_->close();
  }
  made_->open();
}

// OPS-3: a full disk refuses writes with storage_full, keeps what was acknowledged, and heals when space
// returns.
void expect_full_disk_heals(support::TestDatabase& database, const std::function<void()>& make_space) {
  Appender appender(*database, append_items, {.queued = 100'000});
  std::set<std::int64_t> acknowledged;
  std::mutex mutex;
  std::atomic<int> full = 0;
  std::atomic<int> other = 0;
  std::int64_t item = 1000;
  while (full == 0 && other == 0 && item < 50'000) {
    std::latch done(64);
    for (int i = 0; i < 64; ++i, ++item) {
      ASSERT_TRUE(appender.submit(item, [&, item](core::Result<std::int64_t> place) {
        const std::lock_guard guard(mutex);
        if (place)
          acknowledged.insert(item);
        else
          ++(place.error().kind == core::ErrorKind::storage_full ? full : other);
        done.count_down();
      }));
    }
    done.wait();
  }
  EXPECT_GT(full, 0);
  EXPECT_EQ(other, 0);
  if (appender.commit(1)) acknowledged.insert(1);  // One may fit where 64 do not.
  EXPECT_EQ(items_in(*database), acknowledged) << "reading goes on";
  make_space();
  EXPECT_TRUE(appender.commit(2));
  acknowledged.insert(2);
  EXPECT_EQ(items_in(*database), acknowledged);
  expect_gapless(*database);
}

TEST(GroupCommitOnSqlite, AtItsQuotaItSaysFullAndGoesOnWhenThereIsSpace) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}), {.max_bytes = 2U << 20});
  expect_full_disk_heals(database, [&] {
    ASSERT_TRUE(database->write([](Transaction& tx) -> core::Result<void> {
      // Room inside the file: rows shrink in place.
      tx.execute("UPDATE log SET body = $1", Bytes());
      return {};
    }));
  });
}

TEST(GroupCommitOnSqlite, OnARealFullDiskItSaysFullAndGoesOnWhenThereIsSpace) {
  const support::TemporaryDirectory small;
  if (::mount("tmpfs", small.path().c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "not run: a small file system cannot be mounted here";
  }
  {
    support::TestDatabase database(Engine::sqlite, gather({kSchema}), {}, small.path());
    const auto ballast = small.path() / "ballast";
    FILE* file = std::fopen(ballast.c_str(), "w");
    const std::string megabyte(1 << 20, 'x');
    std::fwrite(megabyte.data(), 1, megabyte.size(), file);
    std::fclose(file);
    expect_full_disk_heals(database, [&] { std::filesystem::remove(ballast); });
  }
  ::umount2(small.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace wardline::storage
