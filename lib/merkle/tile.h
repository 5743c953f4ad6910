// The C2SP tlog-tiles layout: where each tile of hashes and each bundle of entries lies, and what its bytes
// mean.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "lib/merkle/proof.h"

namespace wardline::merkle {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 256;      ///< hashes in a full tile, entries in a full bundle
inline constexpr std::size_t kLargestEntry = 0xffff;  ///< bytes: the length in front of an entry is a uint16

/// One tile or bundle. Ordered by level, index, width; bundles come before tiles.
struct Tile {
  std::optional<unsigned> level;  ///< 0..63, or nothing for an entry bundle
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  ///< 1..256; below 256 the tile is partial

  bool is_bundle() const { return !level; }
  bool is_partial() const { return width < kTileWidth; }
  auto operator<=>(const Tile&) const = default;
};

/// "tile/0/x001/x234/067", "tile/entries/000.p/17": relative to the log's folder or URL prefix.
std::string tile_path(const Tile& tile);
/// Accepts exactly what `tile_path` writes; `malformed` for any other spelling.
Result<Tile> parse_tile_path(std::string_view path);

/// How many hashes level `level` of the tiles has in a tree of this size: floor(size / 256^level).
std::uint64_t hashes_at_level(std::uint64_t size, unsigned level);
/// The tile (or the bundle, without a level) with this index as a tree of `size` has it; nothing if it has
/// none.
std::optional<Tile> tile_in_tree(std::uint64_t size, std::optional<unsigned> level, std::uint64_t index);
/// Every tile and bundle that a tree of `size` has and one of `old_size` has not, each level from left to
/// right, bundles first. With old_size = 0: all of them.
std::vector<Tile> new_tiles(std::uint64_t old_size, std::uint64_t size);

/// The hashes in a tile's bytes; `malformed` unless there are exactly `tile.width`.
Result<std::vector<Hash>> decode_tile(const Tile& tile, ByteView bytes);
Bytes encode_tile(std::span<const Hash> hashes);
/// The entries of a bundle; `malformed` unless there are exactly `tile.width`. The views live as long as
/// `bytes`.
Result<std::vector<ByteView>> decode_bundle(const Tile& tile, ByteView bytes);
/// Appends one entry; `out_of_range` above `kLargestEntry` bytes.
Result<void> append_to_bundle(Bytes& bundle, ByteView entry);

/// The root of the subtree that the hashes of a full or partial tile make up. At least one hash.
Hash tile_root(std::span<const Hash> hashes);

/// Whoever can fetch a tile: from files, a web server, or memory.
class TileSource {
 public:
  virtual ~TileSource() = default;
  /// The tile's bytes, or `unavailable`.
  virtual Result<Bytes> read(const Tile& tile) = 0;
};

/// Reads the hashes of a tree of a given size from its tiles, each tile once. Hashes are not checked against
/// a root: a proof made of wrong ones does not verify.
class TileHashReader final : public HashReader {
 public:
  TileHashReader(TileSource& source, std::uint64_t size) : source_(source), size_(size) {}
  Result<Hash> node(unsigned level, std::uint64_t index) override;

 private:
  TileSource& source_;
  std::uint64_t size_;
  std::map<Tile, std::vector<Hash>> tiles_;
};

}  // namespace wardline::merkle
