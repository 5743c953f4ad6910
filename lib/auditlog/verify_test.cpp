#include "lib/auditlog/verify.h"

#include <gtest/gtest.h>

#include "lib/auditlog/memory_log_test.h"

namespace wardline::auditlog {
namespace {

constexpr std::uint64_t kSize = 600;  // two full bundles, a partial one, a tile of the second level

/// Which entry the byte at `offset` of a bundle belongs to, its length included.
std::uint64_t entry_at(const MemoryLog& log, std::uint64_t first, std::size_t offset) {
  std::uint64_t entry = first;
  for (std::size_t end = 2 + log.entries[entry].size(); offset >= end; end += 2 + log.entries[entry].size())
    ++entry;
  return entry;
}

TEST(AuditVerify, AGoodLogIsWholeAtEverySize) {
  for (const std::uint64_t size : {0u, 1u, 2u, 255u, 256u, 257u, 511u, 512u, 600u}) {
    MemoryLog log({size});
    const Report report = log.verify();
    EXPECT_TRUE(report.is_whole()) << size << ": " << log.verdict();
    EXPECT_EQ(report.size, size);
    EXPECT_EQ(report.root, log.mth(0, size));
  }
}

TEST(AuditVerify, OlderPartialTilesMayStay) {
  MemoryLog log({3, 200, 256, 300, kSize});
  EXPECT_EQ(log.verdict(), "whole");
}

TEST(AuditVerify, ALogAcrossThreeLevelsOfTilesIsWhole) {
  MemoryLog log({65536 + 300});
  EXPECT_EQ(log.verdict(), "whole");
  log.files["tile/1/000"][32 * 200] ^= 1;
  EXPECT_EQ(log.verdict(), "tile/1/000: hash 200 of the tile is not the one that its entries have");
}

/// Every byte of every file of a small log: changed, removed, doubled and appended to. Each must be found, in
/// that file.
class EveryByte : public testing::Test {
 protected:
  /// Applies each way of damage to the byte at `offset` and passes the log to `check`.
  template <class Check>
  void damage(const std::string& path, std::size_t offset, const Check& check) {
    const Bytes good = log_.files[path];
    Bytes& bytes = log_.files[path];
    for (const std::uint8_t bits : Bytes{0x01, 0x20, 0xff}) {
      bytes[offset] ^= bits;
      check("changed");
      bytes = good;
    }
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    check("removed");
    bytes = good;
    for (const std::uint8_t added : {std::uint8_t{0}, std::uint8_t{'A'}, good[offset]}) {
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(offset), added);
      check("inserted");
      bytes = good;
    }
  }

  MemoryLog log_{{8}};
};

TEST_F(EveryByte, OfABundleNamesItsEntryAud2) {
  const std::string path = "tile/entries/000.p/8";
  for (std::size_t offset = 0; offset < log_.files[path].size(); ++offset) {
    const std::uint64_t entry = entry_at(log_, 0, offset);
    // To double the last byte of an entry is to insert one before the next entry.
    const bool is_last = offset + 1 < log_.files[path].size() && entry_at(log_, 0, offset + 1) != entry;
    damage(path, offset, [&](const std::string& how) {
      const Report report = log_.verify();
      ASSERT_FALSE(report.is_whole()) << how << " at " << offset;
      const bool is_next = is_last && how == "inserted" && report.findings[0].entry == entry + 1;
      ASSERT_TRUE(report.findings[0].entry == entry || is_next)
          << how << " at " << offset << ": " << log_.verdict();
      ASSERT_EQ(report.findings[0].path, path);
    });
  }
}

TEST_F(EveryByte, OfATileNamesTheTileAndTheHashAud2) {
  const std::string path = "tile/0/000.p/8";
  for (std::size_t offset = 0; offset < log_.files[path].size(); ++offset) {
    damage(path, offset, [&](const std::string& how) {
      const Report report = log_.verify();
      ASSERT_FALSE(report.is_whole()) << how << " at " << offset;
      ASSERT_EQ(report.findings[0].path, path);
      if (how == "changed") {
        ASSERT_EQ(log_.verdict(), path + ": hash " + std::to_string(offset / 32) +
                                      " of the tile is not the one that its entries have");
      }
    });
  }
}

TEST_F(EveryByte, OfTheCheckpointNamesTheLineAud2) {
  const std::string path = "checkpoint";
  const std::string text = as_text(log_.files[path]);
  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    const auto line = static_cast<std::uint64_t>(1 + std::ranges::count(text.substr(0, offset), '\n'));
    damage(path, offset, [&](const std::string& how) {
      const Report report = log_.verify();
      ASSERT_FALSE(report.is_whole()) << how << " at " << offset;
      ASSERT_EQ(report.findings[0].path, path) << log_.verdict();
      // A newline that comes or goes moves the lines after it: the damage shows in one of the next two.
      ASSERT_TRUE(report.findings[0].line >= line &&
                  report.findings[0].line <= line + (text[offset] == '\n' ? 2 : 1))
          << how << " at " << offset << " of line " << line << ": " << log_.verdict();
      if (how == "changed" && text[offset] != '\n') {
        ASSERT_EQ(report.findings[0].line, line) << log_.verdict();
      }
    });
  }
}

TEST_F(EveryByte, OfTheKeyFileIsNoticedAud2) {
  for (std::size_t offset = 0; offset < log_.files["log.vkey"].size(); ++offset) {
    damage("log.vkey", offset, [&](const char* how) {
      const Report report = log_.verify();
      ASSERT_FALSE(report.is_whole()) << how << " at " << offset;
      ASSERT_EQ(report.findings[0].path, "log.vkey");
    });
  }
}

TEST_F(EveryByte, AppendedToAnyFileIsNoticedAud2) {
  MemoryLog log({3, 200, 256, 300, kSize});
  for (auto& [path, bytes] : log.files) {
    for (const std::uint8_t added : {std::uint8_t{0}, std::uint8_t{'\n'}, std::uint8_t{'A'}}) {
      bytes.push_back(added);
      const Report report = log.verify();
      ASSERT_FALSE(report.is_whole()) << path;
      ASSERT_EQ(report.findings[0].path, path);
      bytes.pop_back();
    }
  }
  EXPECT_EQ(log.verdict(), "whole");
}

TEST(AuditVerify, DamageAnywhereInALargerLogIsFoundAndNamedAud2) {
  MemoryLog log({3, 200, 256, 300, kSize});
  for (auto& [path, bytes] : log.files) {
    const auto tile = merkle::parse_tile_path(path);
    if (!tile) continue;
    const bool current = *tile == merkle::tile_in_tree(kSize, tile->level, tile->index);
    for (std::size_t offset = 0; offset < bytes.size(); offset += 97) {
      bytes[offset] ^= 0x10;
      const Report report = log.verify();
      ASSERT_FALSE(report.is_whole()) << path << " at " << offset;
      const Finding& finding = report.findings[0];
      ASSERT_EQ(finding.path, path) << to_text(finding);
      if (tile->is_bundle()) {
        ASSERT_EQ(finding.entry, entry_at(log, tile->index * 256, offset)) << to_text(finding);
        ASSERT_EQ(finding.part, current ? Finding::Part::entry : Finding::Part::bundle);
      } else {
        ASSERT_EQ(finding.part, Finding::Part::tile);
        ASSERT_TRUE(finding.problem.starts_with("hash " + std::to_string(offset / 32) + " "))
            << to_text(finding);
      }
      bytes[offset] ^= 0x10;
    }
  }
}

TEST(AuditVerify, AChangedEntryIsNamedWithItsId) {
  MemoryLog log({kSize});
  Bytes& bytes = log.files["tile/entries/001"];
  bytes[bytes.size() - 3] ^= 1;
  EXPECT_EQ(log.verdict(), "entry 511 (id " + MemoryLog::id(511) +
                               ") in tile/entries/001: the entry is not the one that was signed");
}

TEST(AuditVerify, AMissingFileIsNamed) {
  MemoryLog log({3, 256, kSize});
  const auto files = log.files;
  for (const auto& [path, bytes] : files) {
    const auto tile = merkle::parse_tile_path(path);
    if (tile && *tile != merkle::tile_in_tree(kSize, tile->level, tile->index))
      continue;  // An older copy may go.
    log.files.erase(path);
    const Report report = log.verify();
    ASSERT_FALSE(report.is_whole()) << path;
    EXPECT_EQ(report.findings[0].path, path);
    log.files = files;
  }
}

TEST(AuditVerify, AnAddedFileIsNamed) {
  for (const auto* stray : {"tile/0/007", "tile/entries/002.p/255", "tile/5/000", "notes.txt",
                            "tile/0/000.p/300", "tile/0/000.p/9"}) {
    MemoryLog log({20});
    log.files[stray] = Bytes(32, 1);
    const Report report = log.verify();
    ASSERT_FALSE(report.is_whole()) << stray;
    EXPECT_EQ(report.findings[0].path, stray) << to_text(report.findings[0]);
  }
}

TEST(AuditVerify, AnEntryRewrittenTogetherWithItsHashesIsStillFound) {
  // The attacker changes entry 300 and recomputes every tile: only the signature is out of reach.
  MemoryLog log({kSize});
  const Bytes checkpoint = log.files["checkpoint"];
  log.entries[300].replace(log.entries[300].find("send"), 4, "read");
  log.leaves[300] = merkle::leaf_hash(as_bytes(log.entries[300]));
  log.publish(kSize);
  log.files["checkpoint"] = checkpoint;
  EXPECT_EQ(log.verdict(),
            "checkpoint line 3: the signed root is not the one of the entries: entries and tiles were "
            "rewritten together");

  // With the database at hand, the entry is named.
  MemoryLog original({kSize});
  MemoryRows rows(original.entries);
  const Report report = verify_log(log, {log.trust(), &rows});
  ASSERT_FALSE(report.is_whole());
  EXPECT_EQ(report.findings[0].entry, 300u) << to_text(report.findings[0]);
}

TEST(AuditVerify, ALogSignedByAnotherKeyIsRefused) {
  MemoryLog log({20});
  const auto other = *merkle::NoteSigner::generate("log.example", merkle::NoteKeyType::ed25519);
  const Report report = verify_log(log, {{other.verifier()}});
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].part, Finding::Part::key);
  EXPECT_EQ(report.findings[1].line, 5u);
}

TEST(AuditVerify, ShorteningOrRewritingIsFoundWithACheckpointThatWasKept) {
  MemoryLog log({300});
  const std::string kept = log.checkpoint;
  log.files.clear();
  log = MemoryLog({200});
  EXPECT_EQ(log.verdict(), "whole") << "by itself, an older state is a good log";
  Report report = verify_log(log, {log.trust(), nullptr, {kept}});
  ASSERT_FALSE(report.is_whole());
  EXPECT_EQ(to_text(report.findings[0]),
            "the earlier checkpoint of 300 entries: the log has only 200 entries now: the newest ones were "
            "removed");

  MemoryLog rewritten({300});
  rewritten.entries[7] = "{}";
  rewritten.leaves[7] = merkle::leaf_hash(as_bytes("{}"));
  rewritten.files.clear();
  rewritten.files["log.vkey"] = to_bytes(as_bytes(rewritten.signer.verifier().to_text() + "\n"));
  rewritten.publish(300);
  EXPECT_EQ(rewritten.verdict(), "whole") << "whoever has the key can sign anything";
  report = verify_log(rewritten, {rewritten.trust(), nullptr, {kept}});
  ASSERT_FALSE(report.is_whole());
  EXPECT_EQ(report.findings[0].part, Finding::Part::earlier);

  MemoryLog longer({300, kSize});
  EXPECT_TRUE(verify_log(longer, {longer.trust(), nullptr, {kept}}).is_whole());
  EXPECT_FALSE(verify_log(longer, {longer.trust(), nullptr, {"no checkpoint"}}).is_whole());
}

TEST(AuditVerify, TheDatabaseMustAgreeRowByRow) {
  MemoryLog log({300});
  const auto verify_with = [&](std::vector<std::string> entries) {
    MemoryRows rows(std::move(entries));
    return verify_log(log, {log.trust(), &rows});
  };
  std::vector<std::string> entries = log.entries;
  EXPECT_TRUE(verify_with(entries).is_whole());
  entries.push_back("{}");
  EXPECT_TRUE(verify_with(entries).is_whole());
  EXPECT_EQ(verify_with(entries).waiting, 1u);

  for (const std::size_t at : {std::size_t{0}, std::size_t{255}, std::size_t{299}}) {
    std::vector<std::string> changed = log.entries;
    changed[at][10] ^= 1;
    const Report report = verify_with(changed);
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(to_text(report.findings[0]),
              "entry " + std::to_string(at) + " (id " + MemoryLog::id(at) +
                  ") in the database: the row in the database is not the entry in the log");
    std::vector<std::string> removed = log.entries;
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_EQ(verify_with(removed).findings.at(0).entry, at);
  }
  EXPECT_FALSE(verify_with({}).is_whole());
}

TEST(AuditVerify, AppendedEntriesAreNamedAlsoWhereTheDatabaseHoldsThemAud2) {
  MemoryLog log({200, 300});
  log.files["checkpoint"] = MemoryLog({200}).files["checkpoint"];
  MemoryRows rows(log.entries);
  for (EntryRows* known : {static_cast<EntryRows*>(nullptr), static_cast<EntryRows*>(&rows)}) {
    const Report report = verify_log(log, {log.trust(), known});
    ASSERT_FALSE(report.is_whole());
    EXPECT_EQ(to_text(report.findings[0]),
              "entry 200 in tile/entries/000: the file holds more than the log has signed");
    EXPECT_EQ(report.findings[0].part, Finding::Part::beyond);
    EXPECT_EQ(report.size, 200u);
  }
}

TEST(AuditVerify, CosignaturesOfKnownWitnessesAreCountedAndOthersRefused) {
  MemoryLog log({20});
  const auto witness = *merkle::NoteSigner::generate("witness.example", merkle::NoteKeyType::cosignature);
  merkle::Note note = *merkle::parse_note(log.checkpoint);
  note.signatures.push_back(*merkle::sign_note(note.text, witness, 1'700'000'000));
  log.files["checkpoint"] = to_bytes(as_bytes(merkle::format_note(note)));
  EXPECT_EQ(log.verify().findings.at(0).line, 6u);
  const Report report = verify_log(log, {{log.signer.verifier(), {witness.verifier()}}});
  EXPECT_TRUE(report.is_whole());
  EXPECT_EQ(report.cosignatures, 1u);
}

}  // namespace
}  // namespace wardline::auditlog
