// A whole audit log in memory for tests, built from its definition and from nothing of the code under test.
#pragma once

#include <bit>
#include <map>

#include "lib/auditlog/verify.h"

namespace wardline::auditlog {

class MemoryLog final : public LogFiles {
 public:
  /// A log that signed a checkpoint at each of these sizes and kept all tiles of each.
  explicit MemoryLog(std::vector<std::uint64_t> sizes) {
    for (std::uint64_t i = 0; i < sizes.back(); ++i) {
      entries.push_back(entry(i));
      leaves.push_back(merkle::leaf_hash(as_bytes(entries.back())));
    }
    for (const std::uint64_t size : sizes) publish(size);
    files[std::string(kKeyFile)] = to_bytes(as_bytes(signer.verifier().to_text() + "\n"));
  }

  static std::string entry(std::uint64_t i) {
    const std::string number = std::to_string(1000000 + i);
    return R"({"v":1,"id":"00000000-0000-0000-0000-00000)" + number + R"(","at":17)" + number +
           R"(,"what":"message.send"})";
  }
  static std::string id(std::uint64_t i) { return std::string(entry_id_of(as_bytes(entry(i)))); }

  void publish(std::uint64_t size) {
    for (const merkle::Tile& tile : merkle::new_tiles(0, size))
      files[merkle::tile_path(tile)] = tile_bytes(tile);
    checkpoint = merkle::format_note(
        *merkle::sign_checkpoint({signer.verifier().name(), size, mth(0, size), {}}, signer));
    files[std::string(kCheckpointFile)] = to_bytes(as_bytes(checkpoint));
  }

  Bytes tile_bytes(const merkle::Tile& tile) const {
    Bytes bytes;
    for (std::uint64_t i = tile.index * 256; i < tile.index * 256 + tile.width; ++i) {
      if (tile.is_bundle()) {
        static_cast<void>(merkle::append_to_bundle(bytes, as_bytes(entries[i])));
      } else {
        const std::uint64_t span = std::uint64_t{1} << 8 * *tile.level;
        append(bytes, mth(i * span, (i + 1) * span));
      }
    }
    return bytes;
  }

  merkle::Hash mth(std::uint64_t start, std::uint64_t end) const {
    if (start == end) return merkle::empty_root();
    if (end - start == 1) return leaves[start];
    const std::uint64_t middle = start + std::bit_floor(end - start - 1);
    return merkle::node_hash(mth(start, middle), mth(middle, end));
  }

  std::expected<Bytes, ReadError> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected(ReadError::absent);
    return found->second;
  }
  std::expected<std::vector<std::string>, ReadError> list() override {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files) {
      if (!path.starts_with(std::string(kStagingFolder) + "/")) paths.push_back(path);
    }
    return paths;
  }

  Trust trust() const { return {signer.verifier()}; }
  Report verify() { return verify_log(*this, {trust()}); }
  /// The first finding in words, or "whole".
  std::string verdict() {
    const Report report = verify();
    return report.is_whole() ? "whole" : to_text(report.findings[0]);
  }

  merkle::NoteSigner signer =
      *merkle::NoteSigner::create("log.example", merkle::NoteKeyType::ed25519, Bytes(32, 5));
  std::vector<std::string> entries;
  std::vector<merkle::Hash> leaves;
  std::map<std::string, Bytes> files;
  std::string checkpoint;
};

/// Rows from memory, as the database would give them.
class MemoryRows final : public EntryRows {
 public:
  explicit MemoryRows(std::vector<std::string> entries) : entries_(std::move(entries)) {}
  std::optional<EntryRow> next() override {
    if (at_ == entries_.size()) return std::nullopt;
    return EntryRow{entries_[at_++]};
  }

 private:
  std::vector<std::string> entries_;
  std::size_t at_ = 0;
};

}  // namespace wardline::auditlog
