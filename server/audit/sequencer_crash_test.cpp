// The sequencer is killed at every point at which it touches the disk, and with SIGKILL at random moments.
// After each, no entry is missing, none is there twice, and every checkpoint that was ever signed is
// continued (OPS-3, AUD-2).
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "server/audit/audit_world_test.h"

namespace wardline::audit {
namespace {

struct Killed {};

/// Passes on to a folder and dies at the n-th point between two operations.
class MortalStore : public LogStore {
 public:
  MortalStore(LogStore& files, int lives) : files_(files), lives_(lives) {}

  std::expected<Bytes, auditlog::ReadError> read(const std::string& path) override {
    return files_.read(path);
  }
  std::expected<std::vector<std::string>, auditlog::ReadError> list() override { return files_.list(); }
  core::Result<void> put(const std::string& path, ByteView bytes) override {
    age();
    return files_.put(path, bytes);
  }
  core::Result<void> stage_checkpoint(ByteView checkpoint) override {
    age();
    auto done = files_.stage_checkpoint(checkpoint);
    signed_checkpoints.push_back(as_text(checkpoint));
    age();
    return done;
  }
  core::Result<void> place(const std::string& path) override {
    age();
    return files_.place(path);
  }
  core::Result<void> place_checkpoint() override {
    age();
    auto done = files_.place_checkpoint();
    age();
    return done;
  }
  core::Result<void> clear_staging() override {
    age();
    return files_.clear_staging();
  }
  core::Result<void> replace(const std::string& path, ByteView bytes) override {
    age();
    return files_.replace(path, bytes);
  }
  void remove_partials(const merkle::Tile& full) override {
    age();
    files_.remove_partials(full);
  }

  std::vector<std::string> signed_checkpoints;

 private:
  void age() {
    if (lives_-- == 0) throw Killed();
  }
  LogStore& files_;
  int lives_;
};

/// What an auditor finds who has the folder alone: on PostgreSQL that is all there is.
std::string verdict_of_the_folder(auditlog::LogFiles& files, std::vector<std::string> earlier) {
  const auto report = auditlog::verify_log(files, {{log_key().verifier()}, nullptr, std::move(earlier)});
  return report.is_whole() ? "whole" : to_text(report.findings[0]);
}

/// Three rounds of work. True if it got through, false if it was killed.
bool work(AuditWorld& world, LogStore& files, int& round) {
  try {
    Sequencer sequencer = world.sequencer(files);
    for (; round < 3; ++round) {
      if (world.acts < static_cast<std::size_t>(round + 1) * 200) world.act(200);
      const auto step = sequencer.step();
      EXPECT_TRUE(step) << step.error().code;
    }
    return true;
  } catch (const Killed&) {
    return false;
  }
}

TEST(SequencerCrash, AtEveryPointBetweenTwoWritesNothingIsLostOrDoubled) {
  int points = 0;
  for (;; ++points) {
    AuditWorld world(storage::Engine::sqlite);
    const auto files = world.open_folder();
    MortalStore mortal(*files, points);
    int round = 0;
    const bool survived = work(world, mortal, round);
    if (!mortal.signed_checkpoints.empty()) {
      ASSERT_EQ(world.verdict(*files, mortal.signed_checkpoints), "whole")
          << "as found after the crash, point " << points;
      ASSERT_EQ(verdict_of_the_folder(*files, mortal.signed_checkpoints), "whole")
          << "as found after the crash without the database, point " << points;
    }
    MortalStore immortal(*files, -1);
    ASSERT_TRUE(work(world, immortal, round));
    ASSERT_EQ(world.verdict(*files, mortal.signed_checkpoints), "whole")
        << "after starting again, point " << points;
    ASSERT_EQ(AuditWorld::logged(*files), world.written) << "point " << points;
    if (survived) break;
  }
  EXPECT_GT(points, 15) << "the work has about as many points at which it can be killed";
}

TEST(SequencerCrash, WhatWasTouchedInStagingAfterACrashIsNotPublishedAud2) {
  class KilledWhilePlacing final : public MortalStore {
   public:
    explicit KilledWhilePlacing(LogStore& files) : MortalStore(files, -1) {}
    core::Result<void> place(const std::string&) override { throw Killed(); }
  };
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  world.act(200);
  ASSERT_TRUE(world.sequencer(*files).step());
  const Bytes published = *files->read("checkpoint");
  world.act(200);
  KilledWhilePlacing killed(*files);
  EXPECT_THROW(static_cast<void>(world.sequencer(killed).step()), Killed);
  ASSERT_EQ(verdict_of_the_folder(*files, killed.signed_checkpoints), "whole");

  const std::string staged = auditlog::staged_path("tile/0/001.p/144");
  const Bytes good = *files->read(staged);
  Bytes bad = good;
  bad[5] ^= 1;
  ASSERT_TRUE(files->replace(staged, bad));
  EXPECT_EQ(verdict_of_the_folder(*files, {}).substr(0, 17), "tile/0/001.p/144:");
  EXPECT_EQ(world.sequencer(*files).step().error().code, "audit-log-damaged");
  EXPECT_EQ(files->read("checkpoint"), published);
  ASSERT_TRUE(files->replace("tile/0/001.p/144", good));
  ASSERT_TRUE(world.sequencer(*files).step());
  EXPECT_EQ(AuditWorld::logged(*files), world.written);
}

TEST(SequencerCrash, AnOldCheckpointPutIntoStagingRollsNothingBackAud2) {
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  std::vector<Bytes> published;
  for (int i = 0; i < 2; ++i) {
    world.act(200);
    ASSERT_TRUE(world.sequencer(*files).step());
    published.push_back(*files->read("checkpoint"));
  }
  for (const Bytes& old : published) {
    ASSERT_TRUE(files->replace(auditlog::staged_path("checkpoint"), old));
    EXPECT_EQ(world.sequencer(*files).step().error().code, "audit-log-damaged");
    EXPECT_EQ(files->read("checkpoint"), published.back());
  }
}

TEST(SequencerCrash, ADiskThatFillsUpDelaysTheLogAndLosesNothing) {
  class FullStore final : public LogStore {
   public:
    explicit FullStore(LogStore& files) : files_(files) {}
    std::expected<Bytes, auditlog::ReadError> read(const std::string& path) override {
      return files_.read(path);
    }
    std::expected<std::vector<std::string>, auditlog::ReadError> list() override { return files_.list(); }
    core::Result<void> put(const std::string& path, ByteView bytes) override {
      return room-- > 0 ? files_.put(path, bytes) : full();
    }
    core::Result<void> stage_checkpoint(ByteView checkpoint) override {
      return room-- > 0 ? files_.stage_checkpoint(checkpoint) : full();
    }
    core::Result<void> place(const std::string& path) override {
      return room-- > 0 ? files_.place(path) : full();
    }
    core::Result<void> place_checkpoint() override { return room-- > 0 ? files_.place_checkpoint() : full(); }
    core::Result<void> clear_staging() override { return files_.clear_staging(); }
    core::Result<void> replace(const std::string& path, ByteView bytes) override {
      return room-- > 0 ? files_.replace(path, bytes) : full();
    }
    void remove_partials(const merkle::Tile& tile) override { files_.remove_partials(tile); }
    static core::Result<void> full() {
      return core::fail(core::ErrorKind::storage_full, "storage-full", "full");
    }
    LogStore& files_;
    int room = 0;
  };
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  FullStore store(*files);
  Sequencer sequencer = world.sequencer(store);
  for (const int room : {0, 0, 1, 2, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0}) {
    world.act(100);
    store.room = room;
    const auto step = sequencer.step();
    if (!step) {
      EXPECT_EQ(step.error().code, "storage-full");
    }
    if (files->read("checkpoint")) {
      EXPECT_EQ(verdict_of_the_folder(*files, {}), "whole") << "with room for " << room;
    }
  }
  store.room = 1000;
  ASSERT_TRUE(sequencer.finish());
  EXPECT_EQ(world.verdict(*files), "whole");
  EXPECT_EQ(AuditWorld::logged(*files), world.written);
}

/// The life of a server process: writes entries from two threads, tells each committed one through the pipe,
/// sequences.
[[noreturn]] void serve(const storage::Config& config, const std::filesystem::path& folder, int pipe) {
  auto database = storage::Database::open(config);
  auto files = FolderStore::open(folder);
  if (!database || !files) ::_exit(3);
  const core::SystemClock clock;
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      for (;;) {
        const Entry entry = Entry::by_system(SystemAct::clock_check, Outcome::done, clock.now());
        const auto done = (*database)->write([&](storage::Transaction& tx) -> core::Result<void> {
          append(tx, entry);
          return {};
        });
        const std::string line = entry.id.to_string();
        if (!done || ::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(4);
      }
    });
  }
  Sequencer sequencer(**database, kAuditLog, **files, log_key(), clock, core::new_id<NodeId>());
  for (;;) {
    if (!sequencer.step()) ::_exit(5);
  }
}

void wait_for_a_commit(int pipe) {
  pollfd told{.fd = pipe, .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&told, 1, -1), 1);
}

std::vector<std::string> read_ids(int pipe) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(pipe, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  std::vector<std::string> ids;
  for (std::size_t at = 0; at + 36 <= text.size(); at += 36) ids.push_back(text.substr(at, 36));
  return ids;
}

TEST(SequencerCrash, KillNineAtRandomMomentsLosesNoCommittedEntry) {
  AuditWorld world(storage::Engine::sqlite);
  world.database.close();  // The children open it.
  const auto folder = world.directory.path() / "audit";
  std::mt19937 random(11);
  std::set<std::string> committed;
  std::vector<std::string> checkpoints;
  for (int life = 0; life < 25; ++life) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      serve(world.database.config(), folder, pipe[1]);
    }
    ::close(pipe[1]);
    if (life % 2 == 0) wait_for_a_commit(pipe[0]);  // The others die at any moment, also while they start.
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 120));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    for (std::string& id : read_ids(pipe[0])) committed.insert(std::move(id));
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    world.database.open();
    const auto files = world.open_folder();
    if (const auto checkpoint = files->read("checkpoint")) {
      ASSERT_EQ(world.verdict(*files, checkpoints), "whole") << "as found after kill " << life;
      ASSERT_EQ(verdict_of_the_folder(*files, checkpoints), "whole") << "without the database, kill " << life;
      checkpoints.push_back(as_text(*checkpoint));
    }
    world.database.close();
  }
  world.database.open();
  const auto files = world.open_folder();
  Sequencer sequencer = world.sequencer(*files);
  ASSERT_TRUE(sequencer.finish());
  ASSERT_EQ(world.verdict(*files, checkpoints), "whole");
  EXPECT_GE(committed.size(), 13u);
  std::set<std::string> logged;
  for (const std::string& line : AuditWorld::logged(*files)) {
    EXPECT_TRUE(logged.insert(decode(line)->id.to_string()).second) << "doubled: " << line;
  }
  for (const std::string& id : committed) EXPECT_TRUE(logged.contains(id)) << "lost: " << id;
}

}  // namespace
}  // namespace wardline::audit
