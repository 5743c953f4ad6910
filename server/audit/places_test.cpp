#include "server/audit/places.h"

#include <thread>

#include <gtest/gtest.h>

#include "server/audit/audit_world_test.h"

namespace wardline::audit {
namespace {

class PlacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (support::PrivatePostgres::instance() == nullptr)
      GTEST_SKIP() << "not run: PostgreSQL 15 is not installed";
    world_ = std::make_unique<AuditWorld>(storage::Engine::postgres);
    files_ = world_->open_folder();
  }

  /// A transaction that has taken the position of its row, and commits after `meanwhile`.
  template <class Meanwhile>
  void act_late(std::int64_t at, const Meanwhile& meanwhile) {
    const std::string entry = encode(Entry::by_system(SystemAct::clock_check, Outcome::done, {at}));
    bool first = true;
    const auto done = world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
      append(tx, world_->log, std::span(&entry, 1));
      tx.query("SELECT 1");  // The row is in the table now.
      if (std::exchange(first, false))
        std::jthread(meanwhile).join();  // A thread has one transaction at a time.
      return {};
    });
    ASSERT_TRUE(done) << done.error().detail;
    late_.push_back(entry);
  }

  void roll_back() {
    (void)world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
      append(tx, Entry::by_system(SystemAct::start, Outcome::done, {1}));
      tx.query("SELECT 1");
      return core::fail(core::ErrorKind::conflict, "no", "no");
    });
  }

  std::int64_t runs() {
    return *world_->database->read([](storage::ReadTransaction& tx) -> core::Result<std::int64_t> {
      return *tx.query_value<std::int64_t>("SELECT COUNT(*) FROM audit_places");
    });
  }

  std::unique_ptr<AuditWorld> world_;
  std::unique_ptr<FolderStore> files_;
  std::vector<std::string> late_;
};

TEST_F(PlacesTest, WhatIsCommittedInOrderIsOneRun) {
  Sequencer sequencer = world_->sequencer(*files_);
  for (int i = 0; i < 5; ++i) {
    world_->act(100);
    ASSERT_TRUE(sequencer.step());
  }
  EXPECT_EQ(runs(), 1);
  EXPECT_EQ(AuditWorld::logged(*files_), world_->written);
}

TEST_F(PlacesTest, ARowThatAppearsLateGetsAPlaceBehindAndMovesNobody) {
  Sequencer sequencer = world_->sequencer(*files_);
  std::vector<std::string> expected;
  const auto step = [&] {
    ASSERT_TRUE(sequencer.step());
    EXPECT_EQ(world_->verdict(*files_), "whole");
  };
  world_->act(3);
  act_late(1, [&] {
    act_late(2, [&] {
      world_->act(2);
      step();
      EXPECT_EQ(AuditWorld::logged(*files_), world_->written);
    });
    world_->act(1);
    step();
  });
  world_->act(1);
  step();
  for (const std::size_t written : {0u, 1u, 2u, 3u, 4u}) expected.push_back(world_->written[written]);
  expected.push_back(late_[0]);
  expected.push_back(world_->written[5]);
  expected.push_back(late_[1]);
  expected.push_back(world_->written[6]);
  EXPECT_EQ(AuditWorld::logged(*files_), expected);
}

TEST_F(PlacesTest, AnotherSequencerGoesOnWhereOneStopped) {
  world_->act(3);
  act_late(1, [&] {
    roll_back();
    world_->act(300);
    ASSERT_TRUE(world_->sequencer(*files_).step());
  });
  world_->act(5);
  ASSERT_TRUE(world_->sequencer(*files_).step());
  EXPECT_EQ(AuditWorld::logged(*files_).size(), 309u);
  EXPECT_EQ(world_->verdict(*files_), "whole");
  world_->act(1);
  EXPECT_EQ(world_->sequencer(*files_).step()->entries, 1u) << "nothing has two places";
}

TEST_F(PlacesTest, RowsInOldGapsAreFoundWhenTheLogIsTakenUpAgain) {
  Sequencer sequencer = world_->sequencer(*files_);
  act_late(1, [&] {
    for (int i = 0; i < 300; ++i) {
      roll_back();
      world_->act(1);
    }
    ASSERT_TRUE(sequencer.step());
  });
  EXPECT_EQ(sequencer.step()->entries, 0u) << "one gap of 300, and too old to be looked at each second";
  ASSERT_TRUE(sequencer.finish());
  EXPECT_EQ(sequencer.step()->entries, 1u);
  EXPECT_EQ(AuditWorld::logged(*files_).back(), late_[0]);
  EXPECT_EQ(world_->verdict(*files_), "whole");
}

TEST_F(PlacesTest, ARangeOnlyGrows) {
  world_->act(3);
  ASSERT_TRUE(world_->sequencer(*files_).step());
  const auto changes = [&](storage::Sql sql) {
    return world_->database
        ->write([&](storage::Transaction& tx) -> core::Result<void> {
          tx.execute(sql);
          return {};
        })
        .has_value();
  };
  EXPECT_FALSE(changes("UPDATE audit_places SET entries = entries - 1"));
  EXPECT_FALSE(changes("UPDATE audit_places SET first_position = first_position + 1"));
  EXPECT_FALSE(changes("DELETE FROM audit_places"));
}

TEST_F(PlacesTest, ARowThatIsGoneIsToldWithItsNumber) {
  world_->act(10);
  ASSERT_TRUE(world_->sequencer(*files_).step());
  ASSERT_TRUE(world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
    tx.execute("DROP TRIGGER audit_entries_are_not_changed ON audit_entries");
    tx.execute("DELETE FROM audit_entries WHERE position = 4");
    return {};
  }));
  EXPECT_TRUE(world_->verdict(*files_).contains("audit-rows-missing")) << world_->verdict(*files_);
}

TEST_F(PlacesTest, ALogOfBeforeKeepsItsPlacesAndGoesOn) {
  std::vector<storage::Migration> before = audit_migrations();
  std::erase_if(before, [](const storage::Migration& one) { return one.number >= 102; });
  support::TestDatabase old(storage::Engine::postgres, before);
  const std::vector<std::string> entries = [] {
    std::vector<std::string> made;
    for (std::int64_t i = 0; i < 5; ++i)
      made.push_back(encode(Entry::by_system(SystemAct::clock_check, Outcome::done, {i})));
    return made;
  }();
  ASSERT_TRUE(old->write([&](storage::Transaction& tx) -> core::Result<void> {
    for (std::int64_t i = 0; i < 3; ++i)
      tx.execute("INSERT INTO audit_log_entries (position, entry) VALUES ($1, $2)", i + 1, entries[i]);
    for (std::size_t i = 3; i < 5; ++i) append(tx, kAuditLog, std::span(entries).subspan(i, 1));
    append(tx, kDeviceLog, std::span(entries).first(2));
    return {};
  }));
  ASSERT_TRUE(storage::migrate(*old, audit_migrations(), world_->clock));
  ASSERT_TRUE(old->read([&](storage::ReadTransaction& tx) -> core::Result<void> {
    EXPECT_EQ(*placed_entries(tx, kAuditLog, 0, 10), std::vector(entries.begin(), entries.begin() + 3));
    return {};
  }));
  Sequencer sequencer(*old, kAuditLog, *files_, log_key(), world_->clock, world_->node);
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(AuditWorld::logged(*files_), entries);
  ASSERT_TRUE(old->write([&](storage::Transaction& tx) -> core::Result<void> {
    append(tx, Entry::by_system(SystemAct::start, Outcome::done, {1}));
    return {};
  }));
  EXPECT_EQ(sequencer.step()->entries, 1u);
}

TEST_F(PlacesTest, EntriesAreReadFromAnywhereInAnyPortion) {
  Sequencer sequencer = world_->sequencer(*files_);
  for (int i = 0; i < 4; ++i) {
    world_->act(3);
    roll_back();
  }
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(runs(), 4);
  ASSERT_TRUE(world_->database->read([&](storage::ReadTransaction& tx) -> core::Result<void> {
    for (std::size_t first = 0; first <= 13; ++first) {
      for (std::size_t limit = 1; limit <= 13; ++limit) {
        const std::size_t from = std::min<std::size_t>(first, 12),
                          to = std::min<std::size_t>(first + limit, 12);
        const std::vector<std::string> expected(world_->written.begin() + static_cast<std::ptrdiff_t>(from),
                                                world_->written.begin() + static_cast<std::ptrdiff_t>(to));
        EXPECT_EQ(*placed_entries(tx, kAuditLog, first, limit), expected) << first << " " << limit;
      }
    }
    return {};
  }));
}

}  // namespace
}  // namespace wardline::audit
