// The server writes a log, the auditor's program checks it: two programs that share no code but the Merkle
// tree.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "client/cli/command_line.h"
#include "lib/merkle/tile.h"
#include "lib/transparency/entry.h"
#include "server/audit/append.h"
#include "server/audit/migrations.h"
#include "server/audit/sequencer.h"
#include "tests/support/test_database.h"

namespace wardline {
namespace {

namespace fs = std::filesystem;

class Auditor : public testing::Test {
 protected:
  Auditor() {
    storage::Config config;
    config.file = directory_.path() / "wardline.db";
    database_ = *storage::Database::open(config);
    EXPECT_TRUE(
        storage::migrate(*database_, {audit::migrations().begin(), audit::migrations().end()}, clock_));
    files_ = *audit::FolderStore::open(directory_.path() / "audit");
    audit::Sequencer sequencer(*database_, audit::kAuditLog, *files_,
                               *merkle::NoteSigner::parse(as_text(key_.to_text().view())), clock_,
                               core::new_id<audit::NodeId>());
    for (const std::size_t count : {200u, 100u, 300u}) {
      act(count);
      EXPECT_TRUE(sequencer.step());
    }
    act(5);
  }

  void act(std::size_t count) {
    const auto done = database_->write([&](storage::Transaction& tx) -> core::Result<void> {
      for (std::size_t i = 0; i < count; ++i) {
        entries_.push_back(
            audit::Entry::by_nobody(policy::Action::public_sign_in, audit::Outcome::denied, clock_.now()));
        audit::append(tx, entries_.back());
      }
      return {};
    });
    EXPECT_TRUE(done);
  }

  int wardline(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    cli::Console console{out, err};
    const int code = static_cast<int>(cli::run_command_line(arguments, console));
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  int verify() {
    return wardline({"audit", "verify", directory_.path().string(), "--key", key_.verifier().to_text()});
  }

  Bytes read(const std::string& path) { return *files_->read(path); }
  void write(const std::string& path, ByteView bytes) {
    std::ofstream(directory_.path() / "audit" / path, std::ios::binary | std::ios::trunc) << as_text(bytes);
  }

  support::TemporaryDirectory directory_;
  core::ManualClock clock_;
  merkle::NoteSigner key_ = *merkle::NoteSigner::generate("log.example", merkle::NoteKeyType::ed25519);
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<audit::FolderStore> files_;
  std::vector<audit::Entry> entries_;
  std::string out_;
  std::string err_;
};

TEST_F(Auditor, FindsTheServersLogWholeWhileTheServerRunsAndAfter) {
  EXPECT_EQ(verify(), 0) << err_;
  EXPECT_NE(out_.find("600 entries"), std::string::npos) << out_;
  EXPECT_NE(out_.find("5 newer entries wait"), std::string::npos) << out_;
  database_.reset();
  EXPECT_EQ(verify(), 0) << err_;
}

TEST_F(Auditor, NamesWhatWasTouchedInAnyFileOfTheServersLogAud2) {
  for (const std::string& path : *files_->list()) {
    const Bytes good = read(path);
    const auto tile = merkle::parse_tile_path(path);
    const std::size_t stride = tile ? 1499 : 11;
    for (std::size_t offset = 0; offset < good.size(); offset += stride) {
      Bytes bad = good;
      bad[offset] ^= 0x04;
      write(path, bad);
      ASSERT_EQ(verify(), 1) << path << " at " << offset;
      ASSERT_NE(err_.find(path), std::string::npos) << err_;
      bad = good;
      bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(offset));
      write(path, bad);
      ASSERT_EQ(verify(), 1) << path << " without " << offset;
    }
    Bytes longer = good;
    longer.push_back('\n');
    write(path, longer);
    ASSERT_EQ(verify(), 1) << path;
    ASSERT_NE(err_.find(path), std::string::npos) << err_;
    fs::remove(directory_.path() / "audit" / path);
    const bool is_older_copy = tile && *tile != merkle::tile_in_tree(600, tile->level, tile->index);
    ASSERT_EQ(verify(), is_older_copy ? 0 : 1) << path;
    write(path, good);
  }
  EXPECT_EQ(verify(), 0) << err_;
}

// ENC-8: the second log of the data directory is held to the same.
TEST_F(Auditor, NamesWhatWasTouchedInTheDeviceLogOfTheSameDirectory) {
  const auto device_files = *audit::FolderStore::open(directory_.path() / audit::kDeviceLog.folder);
  const auto device_key = *merkle::NoteSigner::generate("log.example/devices", merkle::NoteKeyType::ed25519);
  std::vector<std::string> entries;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string id = core::new_id<core::DeviceId>().to_string();
    entries.push_back(transparency::encode_entry({id, id, Bytes(40, static_cast<std::uint8_t>(i))}));
  }
  ASSERT_TRUE(database_->write([&](storage::Transaction& tx) -> core::Result<void> {
    audit::append(tx, audit::kDeviceLog, entries);
    return {};
  }));
  EXPECT_EQ(verify(), 3) << "devices in the database, and no log of them that is whole: " << out_;
  audit::Sequencer sequencer(*database_, audit::kDeviceLog, *device_files,
                             *merkle::NoteSigner::parse(as_text(device_key.to_text().view())), clock_,
                             core::new_id<audit::NodeId>());
  ASSERT_TRUE(sequencer.step());
  const auto verify_both = [&] {
    return wardline({"audit", "verify", directory_.path().string(), "--key", key_.verifier().to_text(),
                     "--device-log-key", device_key.verifier().to_text()});
  };
  EXPECT_EQ(verify_both(), 0) << err_;
  EXPECT_NE(out_.find("The device log is whole: 300 entries, signed by log.example/devices"),
            std::string::npos)
      << out_;
  EXPECT_EQ(out_.find("--device-log-key"), std::string::npos) << "the key was given";
  EXPECT_EQ(verify(), 0) << err_;
  EXPECT_NE(out_.find("give it with --device-log-key"), std::string::npos) << out_;

  const auto write_device = [&](const std::string& path, ByteView bytes) {
    std::ofstream(directory_.path() / audit::kDeviceLog.folder / path, std::ios::binary | std::ios::trunc)
        << as_text(bytes);
  };
  for (const std::string& path : *device_files->list()) {
    const Bytes good = *device_files->read(path);
    for (std::size_t offset = 0; offset < good.size(); offset += merkle::parse_tile_path(path) ? 997 : 13) {
      Bytes bad = good;
      bad[offset] ^= 0x04;
      write_device(path, bad);
      ASSERT_EQ(verify_both(), 1) << path << " at " << offset;
      ASSERT_NE(err_.find("The device log is NOT whole. First: "), std::string::npos) << err_;
      ASSERT_NE(err_.find(path), std::string::npos) << err_;
    }
    write_device(path, good);
  }
  EXPECT_EQ(verify_both(), 0) << err_;
  EXPECT_EQ(wardline({"audit", "verify", (directory_.path() / "device-log").string(), "--key",
                      device_key.verifier().to_text()}),
            0)
      << "a copy of that folder alone: " << err_;
  const std::string kept = (directory_.path() / "kept").string();
  std::ofstream(kept, std::ios::binary) << as_text(*device_files->read("checkpoint"));
  EXPECT_EQ(wardline({"audit", "verify", directory_.path().string(), "--checkpoint", kept}), 0) << err_;
  fs::remove_all(directory_.path() / "device-log");
  EXPECT_NE(verify_both(), 0);
}

TEST_F(Auditor, ReceivesAReceiptByTheEntrysIdAndChecksItElsewhere) {
  const std::string id = entries_[431].id.to_string();
  const std::string file = (directory_.path() / "act.tlog-proof").string();
  ASSERT_EQ(wardline({"audit", "receipt", directory_.path().string(), id, "--output", file}), 0) << err_;
  fs::remove_all(directory_.path() / "audit");
  ASSERT_EQ(wardline({"audit", "verify-receipt", file, "--key", key_.verifier().to_text()}), 0) << err_;
  EXPECT_EQ(out_, "The receipt is good: entry 431 of 600, signed by log.example\n" +
                      audit::encode(entries_[431]) + "\n");
  EXPECT_EQ(wardline({"audit", "receipt", directory_.path().string(), entries_[602].id.to_string()}), 3)
      << "not under a checkpoint yet";
}

}  // namespace
}  // namespace wardline
