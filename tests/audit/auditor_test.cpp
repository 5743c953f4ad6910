// The server writes a log, the auditor's program checks it: two programs that share no code but the Merkle
// tree.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "client/cli/command_line.h"
#include "lib/merkle/tile.h"
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
    audit::Sequencer sequencer(*database_, *files_,
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
