// A server that is killed while it adds to its log leaves one that proves itself from its folder alone, and
// one that goes on writes below the verifier's eyes (OPS-3). Neither is a way in for whoever lacks the log's
// key.
#include "lib/auditlog/log_view.h"

#include <functional>
#include <ranges>

#include <gtest/gtest.h>

#include "lib/auditlog/memory_log_test.h"

namespace wardline::auditlog {
namespace {

constexpr std::uint64_t kOld = 200;
constexpr std::uint64_t kNew = 600;
const std::string kStagedCheckpoint = staged_path(kCheckpointFile);

/// A log of `old_size` entries on its way to `size`: this many of the new files are in their places.
MemoryLog killed(std::size_t placed, std::uint64_t old_size = kOld, std::uint64_t size = kNew) {
  MemoryLog log({old_size, size});
  log.files[kStagedCheckpoint] = log.files["checkpoint"];
  log.files["checkpoint"] = MemoryLog({old_size}).files["checkpoint"];
  for (const merkle::Tile& tile : merkle::new_tiles(old_size, size) | std::views::drop(placed)) {
    auto file = log.files.extract(merkle::tile_path(tile));
    file.key() = staged_path(file.key());
    log.files.insert(std::move(file));
  }
  return log;
}
const std::size_t kFiles = merkle::new_tiles(kOld, kNew).size();

TEST(AuditLogView, ALogIsWholeWhereverTheServerWasKilledWhilePlacingItsFilesOps3) {
  for (std::size_t placed = 0; placed <= kFiles; ++placed) {
    MemoryLog log = killed(placed);
    const Report report = log.verify();
    EXPECT_TRUE(report.is_whole()) << placed << ": " << log.verdict();
    EXPECT_EQ(report.size, kNew);
    EXPECT_EQ(report.root, log.mth(0, kNew));
    EXPECT_EQ(report.arriving, kNew - kOld);
  }
}

TEST(AuditLogView, WhatWasStagedWithoutACheckpointIsNoPartOfTheLogOps3) {
  MemoryLog log = killed(0);
  log.files.erase(kStagedCheckpoint);
  EXPECT_EQ(log.verdict(), "whole");
  EXPECT_EQ(log.verify().size, kOld);
  EXPECT_EQ(log.verify().arriving, 0u);
}

TEST(AuditLogView, EveryStagedByteIsCheckedAud2) {
  MemoryLog log = killed(2);
  for (auto& [path, bytes] : log.files) {
    if (!path.starts_with("staging/")) continue;
    for (std::size_t offset = 0; offset < bytes.size(); offset += path == kStagedCheckpoint ? 1 : 61) {
      bytes[offset] ^= 0x20;
      EXPECT_FALSE(log.verify().is_whole()) << path << " at " << offset;
      bytes[offset] ^= 0x20;
    }
    bytes.push_back(0);
    EXPECT_FALSE(log.verify().is_whole()) << path;
    bytes.pop_back();
  }
  EXPECT_EQ(log.verdict(), "whole");
}

TEST(AuditLogView, AMissingStagedFileIsNamedByThePlaceThatItHasInTheLogAud2) {
  MemoryLog log = killed(0);
  log.files.erase("staging/tile+entries+001");
  EXPECT_EQ(log.verdict(),
            "entry 256 in tile/entries/001: the file with this and the following entries is missing");
}

TEST(AuditLogView, PlacedFilesWithoutTheStagedCheckpointAreAnAppendAud2) {
  for (std::size_t placed = 1; placed <= kFiles; ++placed) {
    MemoryLog log = killed(placed);
    log.files.erase(kStagedCheckpoint);
    EXPECT_EQ(log.verify().findings.at(0).part, Finding::Part::beyond) << placed;
  }
}

TEST(AuditLogView, ACheckpointByAnotherKeyVouchesForNothingAud2) {
  MemoryLog log = killed(kFiles);
  const auto other = *merkle::NoteSigner::generate("log.example", merkle::NoteKeyType::ed25519);
  log.files[kStagedCheckpoint] = to_bytes(as_bytes(
      merkle::format_note(*merkle::sign_checkpoint({"log.example", kNew, log.mth(0, kNew), {}}, other))));
  const Report report = log.verify();
  ASSERT_GT(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].path, kStagedCheckpoint);
  EXPECT_EQ(report.findings[0].line, 5u);
  EXPECT_EQ(report.findings[1].part, Finding::Part::beyond) << to_text(report.findings[1]);
  EXPECT_EQ(report.size, kOld);
}

TEST(AuditLogView, AnOldStagedCheckpointPutBackIsNamedAud2) {
  for (const std::uint64_t size : {kOld, kNew}) {
    MemoryLog log({kOld, kNew});
    log.files[kStagedCheckpoint] = MemoryLog({size}).files["checkpoint"];
    EXPECT_EQ(log.verdict(), "staging/checkpoint: it is no newer than the log's checkpoint");
  }
}

TEST(AuditLogView, AStagedCheckpointThatRewritesThePublishedLogIsNamedAud2) {
  MemoryLog log = killed(kFiles);
  MemoryLog rewritten({kOld});
  rewritten.leaves[7] = merkle::leaf_hash(as_bytes("{}"));
  rewritten.publish(kOld);
  log.files["checkpoint"] = rewritten.files["checkpoint"];
  EXPECT_EQ(log.verify().findings.at(0).part, Finding::Part::earlier) << log.verdict();
}

/// A server at work: before every file that the verifier reads it takes some of its steps.
class LogAtWork final : public LogFiles {
 public:
  static constexpr std::array<std::uint64_t, 6> kSizes{200, 256, 300, 512, 600, 800};

  /// `last`: the log that it will have written, of the last of `kSizes`.
  explicit LogAtWork(const MemoryLog& last) : last_(last), steps_(script()) {
    files_.emplace("log.vkey", last_.files.at("log.vkey"));
    files_.emplace("checkpoint", signed_at(kSizes[0]));
    for (const merkle::Tile& tile : merkle::new_tiles(0, kSizes[0]))
      files_[merkle::tile_path(tile)] = last_.tile_bytes(tile);
  }

  std::size_t steps() const { return steps_.size(); }
  void take_steps(std::size_t count) {
    for (; count > 0 && at_ < steps_.size(); --count) steps_[at_++]();
  }
  std::size_t pace = 0;

  std::expected<Bytes, ReadError> read(const std::string& path) override {
    take_steps(pace);
    const auto found = files_.find(path);
    if (found == files_.end()) return std::unexpected(ReadError::absent);
    return found->second;
  }
  std::expected<std::vector<std::string>, ReadError> list() override {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files_) {
      if (!path.starts_with("staging/")) paths.push_back(path);
    }
    return paths;
  }
  Trust trust() const { return last_.trust(); }

 private:
  Bytes signed_at(std::uint64_t size) const {
    return to_bytes(as_bytes(merkle::format_note(*merkle::sign_checkpoint(
        {last_.signer.verifier().name(), size, last_.mth(0, size), {}}, last_.signer))));
  }
  void move(const std::string& from, const std::string& to) {
    files_[to] = files_.at(from);
    files_.erase(from);
  }

  std::vector<std::function<void()>> script() {
    std::vector<std::function<void()>> steps;
    for (std::size_t i = 1; i < kSizes.size(); ++i) {
      const std::vector<merkle::Tile> tiles = merkle::new_tiles(kSizes[i - 1], kSizes[i]);
      for (const merkle::Tile& tile : tiles)
        steps.emplace_back(
            [=, this] { files_[staged_path(merkle::tile_path(tile))] = last_.tile_bytes(tile); });
      steps.emplace_back([=, this] { files_[kStagedCheckpoint] = signed_at(kSizes[i]); });
      for (const merkle::Tile& tile : tiles)
        steps.emplace_back(
            [=, this] { move(staged_path(merkle::tile_path(tile)), merkle::tile_path(tile)); });
      steps.emplace_back([this] { move(kStagedCheckpoint, "checkpoint"); });
      for (const merkle::Tile& tile : tiles) {
        if (tile.is_partial()) continue;
        steps.emplace_back([=, this] {
          std::erase_if(files_, [&](const auto& file) {
            return file.first.starts_with(merkle::tile_path(tile) + ".p/");
          });
        });
      }
    }
    return steps;
  }

  const MemoryLog& last_;
  std::map<std::string, Bytes> files_;
  std::vector<std::function<void()>> steps_;
  std::size_t at_ = 0;
};

TEST(AuditLogView, ALogThatGrowsWhileItIsVerifiedIsWhole) {
  const MemoryLog last({LogAtWork::kSizes.back()});
  const std::size_t steps = LogAtWork(last).steps();
  for (std::size_t first = 0; first <= steps; ++first) {
    for (const std::size_t pace : {0u, 1u, 2u, 3u, 5u, 11u, 40u}) {
      LogAtWork log(last);
      log.take_steps(first);
      log.pace = pace;
      const Report report = verify_log(log, {log.trust()});
      ASSERT_TRUE(report.is_whole()) << "from step " << first << " at pace " << pace << ": "
                                     << to_text(report.findings[0]);
    }
  }
}

}  // namespace
}  // namespace wardline::auditlog
