#include "client/cli/audit_commands.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "client/cli/command_line.h"
#include "lib/auditlog/memory_log_test.h"
#include "lib/bytes/text.h"

namespace wardline::cli {
namespace {

namespace fs = std::filesystem;

/// A data directory with a log of 600 entries and a database of 603.
class AuditCommands : public testing::Test {
 protected:
  AuditCommands() {
    std::string pattern = (fs::temp_directory_path() / "wardline-cli-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    for (const auto& [path, bytes] : log_.files) write("audit/" + path, bytes);
    make_database(603);
  }
  ~AuditCommands() override { fs::remove_all(directory_); }

  void write(const std::string& path, ByteView bytes) const {
    fs::create_directories((directory_ / path).parent_path());
    std::ofstream(directory_ / path, std::ios::binary) << as_text(bytes);
  }
  Bytes read(const std::string& path) const {
    std::stringstream text;
    text << std::ifstream(directory_ / path, std::ios::binary).rdbuf();
    return to_bytes(as_bytes(text.str()));
  }

  void make_database(std::uint64_t rows) const {
    sql("CREATE TABLE audit_entries (position INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT");
    for (std::uint64_t i = 0; i < rows; ++i) {
      sql("INSERT INTO audit_entries (entry) VALUES ('" + auditlog::MemoryLog::entry(i) + "')");
    }
  }
  void sql(const std::string& statement) const {
    sqlite3* database = nullptr;
    sqlite3_open((directory_ / "wardline.db").c_str(), &database);
    sqlite3_exec(database, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
    EXPECT_EQ(sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  int wardline(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    Console console{out, err};
    const int code = static_cast<int>(run_command_line(arguments, console));
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  std::string key() const { return log_.signer.verifier().to_text(); }

  auditlog::MemoryLog log_{{3, 256, 600}};
  fs::path directory_;
  std::string out_;
  std::string err_;
};

TEST_F(AuditCommands, VerifySaysThatAGoodLogIsWhole) {
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", key()}), 0) << err_;
  EXPECT_EQ(out_, "The audit log is whole: 600 entries, signed by log.example\nroot " +
                      to_base64(log_.mth(0, 600)) +
                      "\nthe database agrees; 3 newer entries wait there for the next checkpoint\n");
  EXPECT_EQ(wardline({"audit", "verify", (directory_ / "audit").string()}), 0)
      << "a copy of the folder alone: " << err_;
  EXPECT_NE(out_.find("with --key\n  " + key()), std::string::npos);
}

TEST_F(AuditCommands, VerifyNamesTheEntryThatWasTouchedAud2) {
  Bytes bytes = read("audit/tile/entries/001");
  bytes[bytes.size() - 3] ^= 1;
  write("audit/tile/entries/001", bytes);
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", key()}), 1);
  EXPECT_TRUE(err_.starts_with("The audit log is NOT whole. First: entry 511 (id " +
                               auditlog::MemoryLog::id(511) +
                               ") in tile/entries/001: the entry is not the one that was signed\n"))
      << err_;
}

TEST_F(AuditCommands, VerifyNamesARowThatWasChangedRemovedOrAddedInBetween) {
  sql("UPDATE audit_entries SET entry = '{}' WHERE position = 8");
  EXPECT_EQ(wardline({"audit", "verify", directory_.string()}), 1);
  EXPECT_NE(err_.find("First: entry 7 (id " + auditlog::MemoryLog::id(7) + ") in the database"),
            std::string::npos)
      << err_;
  sql("UPDATE audit_entries SET entry = '" + auditlog::MemoryLog::entry(7) + "' WHERE position = 8");
  EXPECT_EQ(wardline({"audit", "verify", directory_.string()}), 0) << err_;
  sql("DELETE FROM audit_entries WHERE position = 300");
  EXPECT_EQ(wardline({"audit", "verify", directory_.string()}), 1);
  EXPECT_NE(err_.find("First: entry 299 in the database: the row is missing"), std::string::npos) << err_;
}

TEST_F(AuditCommands, VerifyFindsTruncationWithAKeptCheckpoint) {
  auditlog::MemoryLog longer({700});
  write("kept", as_bytes(longer.checkpoint));
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", key(), "--checkpoint",
                      (directory_ / "kept").string()}),
            1);
  EXPECT_NE(err_.find("the newest ones were removed"), std::string::npos) << err_;
}

TEST_F(AuditCommands, VerifySaysWhatWasOnItsWayWhenTheServerWasKilledOps3) {
  write("audit/staging/checkpoint", log_.files["checkpoint"]);
  write("audit/checkpoint", auditlog::MemoryLog({256}).files["checkpoint"]);
  for (const std::string path : {"tile/entries/002.p/88", "tile/0/001"})
    fs::rename(directory_ / "audit" / path, directory_ / "audit" / auditlog::staged_path(path));
  EXPECT_EQ(wardline({"audit", "verify", (directory_ / "audit").string(), "--key", key()}), 0) << err_;
  EXPECT_EQ(out_, "The audit log is whole: 600 entries, signed by log.example\nroot " +
                      to_base64(log_.mth(0, 600)) +
                      "\nthe newest 344 are signed and not all in their places: the server is at it, or does "
                      "it when it starts\n");
}

TEST_F(AuditCommands, VerifyNamesTheFirstEntryThatWasAppendedAud2) {
  write("audit/tile/entries/002.p/89", read("audit/tile/entries/002.p/88"));
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", key()}), 1);
  EXPECT_TRUE(
      err_.starts_with("The audit log is NOT whole. First: entry 600 in tile/entries/002.p/89: the file "
                       "holds more than the log has signed\nNo server leaves such a file"))
      << err_;
}

TEST_F(AuditCommands, VerifySaysThatItDidNotCheckWhenItCouldNot) {
  EXPECT_EQ(wardline({"audit", "verify", "/nowhere"}), 3);
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", "nonsense"}), 3);
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--witness", "nonsense"}), 3);
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--checkpoint", "/nowhere"}), 3);
  fs::remove(directory_ / "audit/log.vkey");
  EXPECT_EQ(wardline({"audit", "verify", directory_.string()}), 3);
  EXPECT_NE(err_.find("--key"), std::string::npos) << "says what to do next";
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", key()}), 1)
      << "but a missing file is damage";
  std::ofstream(directory_ / "wardline.db", std::ios::binary | std::ios::trunc)
      << "not a database, but long enough to be one";
  EXPECT_EQ(wardline({"audit", "verify", directory_.string(), "--key", key()}), 3);
}

TEST_F(AuditCommands, ADamagedKeyFileIsDamageAlsoWhereNoKeyWasGivenAud2) {
  const Bytes good = read("audit/log.vkey");
  for (std::size_t i = 0; i <= good.size(); ++i) {
    Bytes bad = good;
    if (i < bad.size()) {
      bad[i] ^= 1;
    } else {
      bad.push_back('\n');
    }
    write("audit/log.vkey", bad);
    EXPECT_EQ(wardline({"audit", "verify", directory_.string()}), 1) << i;
    EXPECT_NE(err_.find("First: log.vkey"), std::string::npos) << err_;
  }
}

TEST_F(AuditCommands, AReceiptVerifiesWithoutTheDataDirectory) {
  const std::string file = (directory_ / "receipt.tlog-proof").string();
  for (const std::string& entry : {std::string("300"), auditlog::MemoryLog::id(300)}) {
    ASSERT_EQ(wardline({"audit", "receipt", directory_.string(), entry, "-o", file}), 0) << err_;
    ASSERT_EQ(wardline({"audit", "receipt", directory_.string(), entry}), 0);
    EXPECT_EQ(as_text(read("receipt.tlog-proof")), out_);
  }
  fs::remove_all(directory_ / "audit");
  EXPECT_EQ(wardline({"audit", "verify-receipt", file, "--key", key()}), 0) << err_;
  EXPECT_EQ(out_, "The receipt is good: entry 300 of 600, signed by log.example\n" +
                      auditlog::MemoryLog::entry(300) + "\n");

  Bytes bytes = read("receipt.tlog-proof");
  bytes[40] ^= 1;
  write("receipt.tlog-proof", bytes);
  EXPECT_EQ(wardline({"audit", "verify-receipt", file, "--key", key()}), 1);
  EXPECT_EQ(wardline({"audit", "verify-receipt", "/nowhere", "--key", key()}), 3);
}

TEST_F(AuditCommands, AReceiptOfNoEntryIsRefused) {
  EXPECT_EQ(wardline({"audit", "receipt", directory_.string(), "600"}), 1);
  EXPECT_NE(err_.find("600 signed entries"), std::string::npos) << err_;
  EXPECT_EQ(wardline({"audit", "receipt", directory_.string(), "no-such-id"}), 3);
}

TEST_F(AuditCommands, WrongUsageEndsWithTwoAndHelpWithZero) {
  EXPECT_EQ(wardline({}), 2);
  EXPECT_EQ(wardline({"audit"}), 2);
  EXPECT_EQ(wardline({"audit", "verify"}), 2);
  EXPECT_EQ(wardline({"audit", "verify-receipt", "x"}), 2);
  EXPECT_EQ(wardline({"--frobnicate"}), 2);
  EXPECT_EQ(wardline({"audit", "verify", "--help"}), 0);
  EXPECT_NE(out_.find("Exit codes: 0"), std::string::npos);
}

}  // namespace
}  // namespace wardline::cli
