#include <array>
#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "server/storage/sqlite/sqlite_connection.h"
#include "server/storage/sqlite/ticket_lock.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

constexpr Migration kSchema[] = {
    {9001, "t", "CREATE TABLE t (id BIGINT PRIMARY KEY, body BYTES); CREATE INDEX t_body ON t (body);"}};

void fill(Database& database, int rows, std::size_t size) {
  for (int i = 0; i < rows; i += 100) {
    ASSERT_TRUE(database.write([&](Transaction& tx) -> core::Result<void> {
      Bytes body(size);
      for (int j = i; j < i + 100; ++j) {
        body[0] = static_cast<std::uint8_t>(j);
        tx.execute("INSERT INTO t (id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING", j, body);
      }
      return {};
    }));
  }
}

// OPS-3: a corrupted file is named as such, and neither crashes nor yields data.
TEST(SqliteDatabase, AFileThatIsNoDatabaseIsRefusedClearly) {
  const support::TemporaryDirectory directory;
  const auto file = directory.path() / "wardline.db";
  std::ofstream(file) << std::string(8192, 'x');
  const auto opened = Database::open({.file = file});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "storage-corrupt");
}

TEST(SqliteDatabase, ADamagedPageIsReportedAndFoundByTheIntegrityCheck) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}));
  fill(*database, 500, 400);
  database.close();
  {
    std::fstream file(database.config().file, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0, std::ios::end);
    const auto size = static_cast<long>(file.tellp());
    const std::string noise(4096, '\xa5');
    for (long page = 5; page < size / 4096; page += 2) {
      file.seekp(page * 4096);
      file.write(noise.data(), 4096);
    }
  }
  database.open();
  const auto read = database->read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
    return *tx.query_value<std::int64_t>("SELECT CAST(sum(length(body)) AS BIGINT) FROM t NOT INDEXED");
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "storage-corrupt");
  const auto checked = database->check_integrity();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, "storage-corrupt");
}

TEST(SqliteDatabase, AMissingDirectoryIsRefused) {
  const auto opened = Database::open({.file = "/nonexistent/directory/wardline.db"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "storage-unavailable");
}

TEST(SqliteDatabase, TheLogIsCheckpointedBesideTheWriterAndCutBack) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}),
                                 {.checkpoint_bytes = 256U << 10, .truncate_bytes = 1U << 20});
  const auto log = database.config().file.string() + "-wal";
  const auto grown = [&] { return std::filesystem::file_size(database.config().file) > (1U << 20); };
  for (int round = 0; round < 200; ++round) {
    ASSERT_TRUE(database->write([&](Transaction& tx) -> core::Result<void> {
      const Bytes body(20'000, static_cast<std::uint8_t>(round));
      for (int i = 0; i < 20; ++i)
        tx.execute("INSERT INTO t (id, body) VALUES ($1, $2)", round * 100 + i, body);
      return {};
    }));
    if (round > 20 && grown() && std::filesystem::file_size(log) < (2U << 20))
      return;  // Moved over, and cut back.
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL() << "the log has " << std::filesystem::file_size(log) << " bytes";
}

// Without a pause for writers the checkpointer never reaches the end of the log, and the file grows with each
// commit.
TEST(SqliteDatabase, TheLogIsBegunAnewWhileWritersNeverPause) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}),
                                 {.checkpoint_bytes = 256U << 10, .restart_bytes = 1U << 20});
  const auto log = database.config().file.string() + "-wal";
  const Bytes body(20'000, 1);
  std::atomic<bool> begun_anew = false;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      for (int round = 0; round < 1000 && !begun_anew; ++round) {
        ASSERT_TRUE(database->write([&](Transaction& tx) -> core::Result<void> {
          const auto before = std::filesystem::file_size(log);
          for (int i = 0; i < 20; ++i)
            tx.execute("INSERT INTO t (id, body) VALUES ($1, $2)", (writer * 1000 + round) * 100 + i, body);
          tx.after_commit([&, before] {
            if (before > (2U << 20) && std::filesystem::file_size(log) == before) begun_anew = true;
          });
          return {};
        }));
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_TRUE(begun_anew) << "the log has " << std::filesystem::file_size(log) << " bytes";
}

TEST(SqliteDatabase, ALongReaderNeitherStopsWritersNorLosesItsSnapshot) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}),
                                 {.checkpoint_bytes = 64U << 10, .truncate_bytes = 128U << 10});
  fill(*database, 100, 100);
  std::latch reading(1);
  std::latch written(1);
  std::thread reader([&] {
    EXPECT_TRUE(database->read([&](ReadTransaction& tx) -> core::Result<void> {
      EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM t"), 100);
      reading.count_down();
      written.wait();
      EXPECT_EQ(tx.query_value<int>("SELECT count(*) FROM t"), 100);
      return {};
    }));
  });
  reading.wait();
  fill(*database, 3000, 1000);
  written.count_down();
  reader.join();
  EXPECT_EQ(database->read([](ReadTransaction& tx) -> core::Result<int> {
    return *tx.query_value<int>("SELECT count(*) FROM t");
  }),
            3000);
}

TEST(SqliteDatabase, ADatabaseOfBeforeKeepsTheSizeOfItsPagesAndServes) {
  const support::TemporaryDirectory directory;
  const auto file = directory.path() / "wardline.db";
  sqlite3* before = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &before), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(before, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE t (id, body)",
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(before);
  const auto page_size = [](const std::filesystem::path& of) {
    return SqliteConnection(of, SqliteConnection::Role::reader)
        .query("PRAGMA page_size", {})
        .front()
        .get<int>(0);
  };
  auto database = Database::open({.file = file});
  ASSERT_TRUE(database) << database.error().detail;
  fill(**database, 500, 400);
  database->reset();
  EXPECT_EQ(page_size(file), 4096);
  const support::TestDatabase made(Engine::sqlite, gather({kSchema}));
  EXPECT_EQ(page_size(made.config().file), 8192);
}

// A transaction larger than the cache writes into the log before it ends
// (server/storage/sqlite/gathered_log.h).
TEST(SqliteDatabase, WhatATransactionWritesAheadIsReadByItselfAndByOthersOnceItIsCommitted) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}));
  SqliteConnection writer(database.config().file, SqliteConnection::Role::writer);
  SqliteConnection reader(database.config().file, SqliteConnection::Role::reader);
  writer.run("PRAGMA cache_size = 10");
  const Bytes body(3'000, 7);
  const auto count = [](SqliteConnection& connection) {
    return connection.query("SELECT count(*) FROM t WHERE length(body) = 3000", {}).front().get<int>(0);
  };
  const auto write = [&] {
    for (int i = 0; i < 300; ++i) {
      writer.execute("INSERT INTO t (id, body) VALUES ($1, $2)", std::array<Parameter, 2>{i, body});
      if (i % 50 == 0) EXPECT_EQ(count(writer), i + 1);
    }
  };
  writer.begin(Access::write);
  write();
  EXPECT_EQ(count(reader), 0);
  writer.rollback();
  EXPECT_EQ(count(writer), 0);
  writer.begin(Access::write);
  write();
  writer.commit();
  EXPECT_EQ(count(writer), 300);
  EXPECT_EQ(count(reader), 300);
}

TEST(TicketLock, IsGivenOutInTheOrderOfAsking) {
  TicketLock lock;
  ASSERT_TRUE(lock.lock_within(std::chrono::seconds(1)));
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      ASSERT_TRUE(lock.lock_within(std::chrono::seconds(60)));
      order.push_back(i);
      lock.unlock();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  lock.unlock();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(TicketLock, AWaiterThatGivesUpIsSkipped) {
  TicketLock lock;
  ASSERT_TRUE(lock.lock_within(std::chrono::seconds(1)));
  EXPECT_FALSE(lock.lock_within(std::chrono::milliseconds(10)));
  lock.unlock();
  EXPECT_TRUE(lock.lock_within(std::chrono::milliseconds(10)));
  lock.unlock();
}

}  // namespace
}  // namespace wardline::storage
