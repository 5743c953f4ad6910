#include "server/audit/sequencer.h"

#include <thread>

#include <gtest/gtest.h>

#include "server/audit/audit_world_test.h"

namespace wardline::audit {
namespace {

class SequencerTest : public support::OnEachEngine {
 protected:
  SequencerTest() = default;
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) world_ = std::make_unique<AuditWorld>(GetParam());
  }
  std::unique_ptr<AuditWorld> world_;
};
WARDLINE_ON_EACH_ENGINE(SequencerTest);

TEST_P(SequencerTest, EveryCommittedEntryIsInTheLogOnceAndInOrder) {
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files);
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(world_->verdict(*files), "whole") << "an empty log has a signed checkpoint too";
  for (const std::size_t count : {1u, 1u, 200u, 53u, 1u, 1u, 255u, 512u, 3u}) {
    world_->act(count);
    const auto step = sequencer.step();
    ASSERT_TRUE(step) << step.error().detail;
    EXPECT_EQ(step->entries, count);
    ASSERT_EQ(world_->verdict(*files), "whole");
  }
  EXPECT_EQ(AuditWorld::logged(*files), world_->written);
  EXPECT_EQ(sequencer.step()->entries, 0u);
}

TEST_P(SequencerTest, TwoLogsOfOneDatabaseGrowBesideEachOtherEnc8) {
  AuditWorld devices(GetParam(), kDeviceLog);
  const auto device_files = devices.open_folder();
  const auto audit_files = FolderStore::open(devices.directory.path() / kAuditLog.folder);
  ASSERT_TRUE(audit_files);
  Sequencer device_log = devices.sequencer(*device_files);
  Sequencer audit_log(*devices.database, kAuditLog, **audit_files, log_key(), devices.clock, devices.node);
  const auto act = [&] {
    return devices.database->write([&](storage::Transaction& tx) -> core::Result<void> {
      append(tx, Entry::by_system(SystemAct::start, Outcome::done, {1}));
      return {};
    });
  };
  for (const std::size_t count : {3u, 300u, 1u}) {
    devices.act(count);
    ASSERT_TRUE(act());
    ASSERT_TRUE(device_log.step());
    ASSERT_TRUE(audit_log.step());
    ASSERT_EQ(devices.verdict(*device_files), "whole");
  }
  EXPECT_EQ(AuditWorld::logged(*device_files), devices.written);
  EXPECT_EQ(AuditWorld::logged(**audit_files).size(), 3u);
}

TEST_P(SequencerTest, ALargeBacklogIsWorkedOffInSteps) {
  world_->act(2000);
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files, {.batch = 300});
  const auto first = sequencer.step();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->entries, 300u);
  EXPECT_TRUE(first->more);
  ASSERT_TRUE(sequencer.finish());
  EXPECT_EQ(world_->verdict(*files), "whole");
  EXPECT_EQ(AuditWorld::logged(*files), world_->written);
}

TEST_P(SequencerTest, RestsBetweenPortionsAndLosesNothingThatComesMeanwhile) {
  world_->act(1000);
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files, {.portion = 300});
  int rests = 0;
  ASSERT_TRUE(sequencer.step([&] {
    ++rests;
    world_->act(1);
  }));
  EXPECT_EQ(rests, 3);
  EXPECT_EQ(world_->verdict(*files), "whole");
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(AuditWorld::logged(*files), world_->written);
}

TEST_P(SequencerTest, AStepThatFailsBetweenPortionsStartsOver) {
  world_->act(1000);
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files, {.portion = 300});
  const auto staging = world_->directory.path() / world_->log.folder / auditlog::kStagingFolder;
  const auto failed = sequencer.step([&] { std::filesystem::remove_all(staging); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "audit-folder-unusable");
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(AuditWorld::logged(*files), world_->written);
  EXPECT_EQ(world_->verdict(*files), "whole");
}

TEST_P(SequencerTest, AnActionThatIsRolledBackLeavesNoEntry) {
  world_->act(3);
  const auto undone = world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
    append(tx, Entry::by_system(SystemAct::start, Outcome::done, {1}));
    return core::fail(core::ErrorKind::conflict, "no", "no");
  });
  ASSERT_FALSE(undone);
  world_->act(3);
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files);
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(AuditWorld::logged(*files), world_->written);
  EXPECT_EQ(world_->verdict(*files), "whole");
}

TEST_P(SequencerTest, PartialTilesThatBecameFullAreCleanedUp) {
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files);
  for (int i = 0; i < 3; ++i) {
    world_->act(100);
    ASSERT_TRUE(sequencer.step());
  }
  const auto paths = files->list();
  ASSERT_TRUE(paths);
  for (const std::string& path : *paths) EXPECT_FALSE(path.starts_with("tile/0/000.p")) << path;
  EXPECT_EQ(world_->verdict(*files), "whole");
}

TEST_P(SequencerTest, LostFilesAreWrittenAgainFromTheDatabaseByteForByte) {
  const auto files = world_->open_folder();
  for (const std::size_t count : {300u, 300u}) {
    world_->act(count);
    ASSERT_TRUE(world_->sequencer(*files).step());
  }
  const std::string checkpoint = as_text(*files->read("checkpoint"));
  std::filesystem::remove_all(world_->directory.path() / "audit");
  const auto fresh = world_->open_folder();
  ASSERT_TRUE(world_->sequencer(*fresh).step());
  EXPECT_EQ(as_text(*fresh->read("checkpoint")), checkpoint);
  EXPECT_EQ(world_->verdict(*fresh, {checkpoint}), "whole");
}

TEST_P(SequencerTest, ADatabaseThatContradictsTheSignedLogStopsIt) {
  const auto files = world_->open_folder();
  world_->act(10);
  ASSERT_TRUE(world_->sequencer(*files).step());
  // Another database under the same folder, as after restoring an older backup and going on with it.
  AuditWorld other(GetParam());
  other.act(20);
  const auto step = other.sequencer(*files).step();
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().code, "audit-log-contradicts-database");
  EXPECT_EQ(AuditWorld::logged(*files), world_->written) << "nothing was signed over it";
}

TEST_P(SequencerTest, TwoLogsOfTheSameSizeAreNotTakenForOneAnother) {
  const auto files = world_->open_folder();
  world_->act(10);
  ASSERT_TRUE(world_->sequencer(*files).step());
  AuditWorld other(GetParam());
  other.act(10);
  const auto other_files = other.open_folder();
  ASSERT_TRUE(other.sequencer(*other_files).step());
  EXPECT_EQ(other.sequencer(*files).step().error().code, "audit-log-contradicts-database");
}

TEST_P(SequencerTest, RowsThatWereAlteredAreNotSignedAgainWhereTheFilesAreGone) {
  const auto files = world_->open_folder();
  world_->act(300);
  ASSERT_TRUE(world_->sequencer(*files).step());
  std::filesystem::remove_all(world_->directory.path() / "audit");
  const bool sqlite = GetParam() == storage::Engine::sqlite;
  const auto altered = world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
    tx.execute(sqlite ? storage::Sql("DROP TRIGGER audit_entries_are_not_updated")
                      : storage::Sql("DROP TRIGGER audit_entries_are_not_changed ON audit_entries"));
    tx.execute("UPDATE audit_entries SET entry = '{}' WHERE position = 7");
    return {};
  });
  ASSERT_TRUE(altered) << altered.error().detail;
  const auto fresh = world_->open_folder();
  EXPECT_EQ(world_->sequencer(*fresh).step().error().code, "audit-log-contradicts-database");
  EXPECT_TRUE(AuditWorld::logged(*fresh).empty()) << "nothing is signed but that there is nothing";
}

TEST_P(SequencerTest, AForeignKeyOrOriginStopsIt) {
  const auto files = world_->open_folder();
  ASSERT_TRUE(world_->sequencer(*files).step());
  Sequencer foreign(*world_->database, kAuditLog, *files, log_key(6), world_->clock, world_->node);
  EXPECT_EQ(foreign.step().error().code, "audit-log-foreign");
}

TEST_P(SequencerTest, DamageAtTheRightEdgeStopsItBeforeItSigns) {
  for (const std::string path :
       {"tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1", "checkpoint"}) {
    AuditWorld world(GetParam());
    const auto files = world.open_folder();
    world.act(300);
    ASSERT_TRUE(world.sequencer(*files).step());
    Bytes bytes = *files->read(path);
    bytes[bytes.size() / 2] ^= 0x01;
    if (path.starts_with("tile/entries")) bytes.pop_back();
    ASSERT_TRUE(files->replace(path, bytes));
    world.act(1);
    const auto step = world.sequencer(*files).step();
    ASSERT_FALSE(step) << path;
    EXPECT_EQ(step.error().code, "audit-log-damaged") << path;
  }
}

TEST_P(SequencerTest, ManyWritersAtOnceLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 60;
  const auto files = world_->open_folder();
  Sequencer sequencer = world_->sequencer(*files);
  std::vector<std::jthread> writers;
  std::atomic<int> running = kThreads;
  for (int thread = 0; thread < kThreads; ++thread) {
    writers.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const auto done = world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
          append(tx, Entry::by_system(SystemAct::clock_check, Outcome::done, {thread * 1000 + i}));
          return {};
        });
        if (!done) ADD_FAILURE() << done.error().detail;
      }
      --running;
    });
  }
  while (running > 0) {
    const auto step = sequencer.step();
    ASSERT_TRUE(step || step.error().kind == core::ErrorKind::unavailable) << step.error().code;
  }
  ASSERT_TRUE(sequencer.finish());
  EXPECT_EQ(world_->verdict(*files), "whole");
  const std::vector<std::string> logged = AuditWorld::logged(*files);
  EXPECT_EQ(logged.size(), static_cast<std::size_t>(kThreads * kEach));
  // Each writer's entries stand in the order in which it committed them.
  std::array<std::int64_t, kThreads> last{};
  last.fill(-1);
  for (const std::string& line : logged) {
    const std::int64_t at = decode(line)->at.microseconds;
    std::int64_t& before = last[static_cast<std::size_t>(at / 1000)];
    EXPECT_EQ(at % 1000, before + 1);
    before = at % 1000;
  }
}

TEST_P(SequencerTest, RowsOfTheLogCannotBeChangedOrDeleted) {
  world_->act(3);
  const auto files = world_->open_folder();
  ASSERT_TRUE(world_->sequencer(*files).step());
  const auto refused = [&](storage::Sql sql) {
    return !world_->database->write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute(sql);
      return {};
    });
  };
  EXPECT_TRUE(refused("UPDATE audit_entries SET entry = 'x' WHERE position = 2"));
  EXPECT_TRUE(refused("DELETE FROM audit_entries WHERE position = 2"));
  EXPECT_EQ(world_->verdict(*files), "whole");
}

TEST_P(SequencerTest, OneOfManyNodesWritesUntilItStopsOrItsTimeIsUp) {
  if (GetParam() == storage::Engine::sqlite) GTEST_SKIP() << "not run: one process owns a SQLite database";
  const auto files = world_->open_folder();
  Sequencer one = world_->sequencer(*files, {.lease = std::chrono::seconds(10)});
  world_->node = core::new_id<NodeId>();
  Sequencer other = world_->sequencer(*files, {.lease = std::chrono::seconds(10)});
  world_->act(5);
  EXPECT_TRUE(one.step()->is_writer);
  EXPECT_FALSE(other.step()->is_writer);
  world_->clock.advance(std::chrono::seconds(11));
  world_->act(5);
  EXPECT_TRUE(other.step()->is_writer) << "the first one died";
  world_->act(1);
  EXPECT_FALSE(one.step()->is_writer);
  ASSERT_TRUE(other.finish());
  world_->act(5);
  EXPECT_TRUE(one.step()->is_writer) << "the second one stopped in order";
  EXPECT_EQ(AuditWorld::logged(*files), world_->written);
  EXPECT_EQ(world_->verdict(*files), "whole");
}

}  // namespace
}  // namespace wardline::audit
