// Compares the tiles and bundles in a log's folder with what they must be, given the entries from left to
// right.
#pragma once

#include <map>
#include <set>

#include "lib/auditlog/files.h"
#include "lib/auditlog/finding.h"

namespace wardline::auditlog {

/// Which tiles a folder holds, in every width.
class TileIndex {
 public:
  /// Takes the paths that are tiles; the others are given back, without those that every log has.
  std::vector<std::string> take(const std::vector<std::string>& paths);
  /// The widths of one tile or bundle, ascending, each given out once.
  std::set<unsigned> take_widths(std::optional<unsigned> level, std::uint64_t index);
  /// What was never asked for.
  std::vector<merkle::Tile> rest() const;
  /// The number of entries up to the end of the last bundle.
  std::uint64_t entries() const;

 private:
  std::map<std::pair<std::optional<unsigned>, std::uint64_t>, std::set<unsigned>> widths_;
};

/// That a tile or bundle holds more than the log's `size` entries.
Finding beyond_the_log(const merkle::Tile& tile, std::uint64_t size);

/// Is told each leaf hash, and checks every tile of hashes as soon as what it must hold is known.
class TileCheck {
 public:
  TileCheck(LogFiles& files, TileIndex& index, std::uint64_t size)
      : files_(files), index_(index), size_(size) {}

  /// The leaf hashes of one bundle, all 256 but for the last.
  void add(std::span<const merkle::Hash> leaves);
  /// After the last entry: checks the tiles at the right edge.
  void finish();

  /// Tiles that differ from what the entries say, in the order in which they were met. Whose fault it is, the
  /// tile's or an entry's, the caller knows when it has compared the root.
  const std::vector<Finding>& findings() const { return findings_; }
  /// The first entry whose leaf hash differs from the one in a tile.
  std::optional<std::uint64_t> first_difference() const { return first_difference_; }

 private:
  struct Level {
    std::uint64_t tile = 0;            ///< index of the tile that is being filled
    std::vector<merkle::Hash> hashes;  ///< what it holds so far
  };
  void push(unsigned level, const merkle::Hash& hash);
  void check(unsigned level);
  void check_width(const merkle::Tile& tile, ByteView expected);

  LogFiles& files_;
  TileIndex& index_;
  std::uint64_t size_;
  std::vector<Level> levels_;
  std::vector<Finding> findings_;
  std::optional<std::uint64_t> first_difference_;
};

}  // namespace wardline::auditlog
