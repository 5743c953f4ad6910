// Walks through all entries of a log once, beside their rows in the database, and notes what does not agree.
#pragma once

#include <map>

#include "lib/auditlog/tile_check.h"
#include "lib/auditlog/verify.h"

namespace wardline::auditlog {

class EntryScan {
 public:
  /// `size`: the entries that the bundles have to hold.
  EntryScan(LogFiles& files, TileIndex& index, std::uint64_t size, EntryRows* rows)
      : files_(files), index_(index), size_(size), rows_(rows), tiles_(files, index, size) {}

  /// To be called before run(): the root of the first `size` entries is wanted afterwards.
  void want_root(std::uint64_t size) { roots_[size] = std::nullopt; }
  void run();

  /// Nothing if the log ends before, or a bundle could not be read so far.
  std::optional<merkle::Hash> root_at(std::uint64_t size) const;

  /// Bundles that are missing, too long, or not made of entries.
  const std::vector<Finding>& bundle_findings() const { return bundle_findings_; }
  /// Copies of bundles that differ from the ones that the signed tree has, and files beyond it.
  const std::vector<Finding>& copy_findings() const { return copy_findings_; }
  const std::vector<Finding>& tile_findings() const { return tiles_.findings(); }
  const std::vector<Finding>& row_findings() const { return row_findings_; }
  /// The first entry that differs from its hash in a tile, or from another copy of its bundle.
  std::optional<std::uint64_t> first_difference() const;
  /// The first entry that differs from its row in the database.
  std::optional<std::uint64_t> first_row_difference() const { return first_row_difference_; }
  /// The id of an entry that `first_difference` or `first_row_difference` names, if it is legible.
  std::string id_of(std::uint64_t entry) const;
  std::uint64_t waiting() const { return waiting_; }

 private:
  void note_id();
  bool read_bundle(std::uint64_t index, std::vector<Bytes>& entries);
  void note_short_bundle(const merkle::Tile& tile, const std::vector<Bytes>& entries);
  void count_waiting_rows();
  void compare_row(std::uint64_t entry, const Bytes& bytes);
  void note_row(std::uint64_t entry, std::string problem);
  void grow_tree(std::uint64_t first, const std::vector<Bytes>& entries);
  void check_copies(std::uint64_t index, const std::vector<Bytes>& entries);
  void check_copy(const merkle::Tile& tile, ByteView expected, const std::vector<Bytes>& entries);

  LogFiles& files_;
  TileIndex& index_;
  std::uint64_t size_;
  EntryRows* rows_;
  TileCheck tiles_;
  merkle::CompactTree tree_;
  std::map<std::uint64_t, std::optional<merkle::Hash>> roots_;
  std::vector<Finding> bundle_findings_;
  std::vector<Finding> copy_findings_;
  std::vector<Finding> row_findings_;
  std::optional<std::uint64_t> first_copy_difference_;
  std::optional<std::uint64_t> first_row_difference_;
  std::map<std::uint64_t, std::string> ids_;  ///< of the entries at which something differs
  std::vector<Bytes> block_;                  ///< the bundle that was looked at last
  std::uint64_t block_index_ = 0;
  bool rows_ended_ = false;
  std::uint64_t waiting_ = 0;
};

}  // namespace wardline::auditlog
