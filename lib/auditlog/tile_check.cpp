#include "lib/auditlog/tile_check.h"

namespace wardline::auditlog {
namespace {

using merkle::kHashSize;
using merkle::kTileWidth;
using merkle::Tile;

/// The first hash that differs; all that both hold being equal, the first that one of them does not hold.
std::size_t first_different_hash(ByteView a, ByteView b) {
  const auto [at, other] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(at - a.begin()) / kHashSize;
}

}  // namespace

Finding beyond_the_log(const Tile& tile, std::uint64_t size) {
  Finding finding{.part = Finding::Part::beyond,
                  .path = merkle::tile_path(tile),
                  .problem = "the file holds more than the log has signed"};
  if (tile.level.value_or(0) == 0) finding.entry = std::max(size, tile.index * kTileWidth);
  return finding;
}

std::vector<std::string> TileIndex::take(const std::vector<std::string>& paths) {
  std::vector<std::string> others;
  for (const std::string& path : paths) {
    if (path == kCheckpointFile || path == kKeyFile) continue;
    if (const auto tile = merkle::parse_tile_path(path)) {
      widths_[{tile->level, tile->index}].insert(tile->width);
    } else {
      others.push_back(path);
    }
  }
  return others;
}

std::set<unsigned> TileIndex::take_widths(std::optional<unsigned> level, std::uint64_t index) {
  auto node = widths_.extract({level, index});
  return node.empty() ? std::set<unsigned>() : std::move(node.mapped());
}

std::vector<Tile> TileIndex::rest() const {
  std::vector<Tile> tiles;
  for (const auto& [key, widths] : widths_) {
    for (const unsigned width : widths) tiles.push_back({key.first, key.second, width});
  }
  return tiles;
}

std::uint64_t TileIndex::entries() const {
  std::uint64_t entries = 0;
  for (const auto& [key, widths] : widths_) {
    if (!key.first) entries = std::max(entries, key.second * kTileWidth + *widths.rbegin());
  }
  return entries;
}

void TileCheck::add(std::span<const merkle::Hash> leaves) {
  for (const merkle::Hash& leaf : leaves) push(0, leaf);
}

void TileCheck::push(unsigned level, const merkle::Hash& hash) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].hashes.push_back(hash);
  if (levels_[level].hashes.size() < kTileWidth) return;
  check(level);
  const merkle::Hash root = merkle::tile_root(levels_[level].hashes);
  levels_[level].hashes.clear();
  ++levels_[level].tile;
  push(level + 1, root);
}

void TileCheck::finish() {
  for (unsigned level = 0; level < levels_.size(); ++level) {
    if (!levels_[level].hashes.empty()) check(level);
  }
}

void TileCheck::check(unsigned level) {
  const Bytes expected = merkle::encode_tile(levels_[level].hashes);
  std::set<unsigned> widths = index_.take_widths(level, levels_[level].tile);
  // The tile that the signed tree has must be there, listed or not.
  if (const auto needed = merkle::tile_in_tree(size_, level, levels_[level].tile))
    widths.insert(needed->width);
  for (const unsigned width : widths) check_width({level, levels_[level].tile, width}, expected);
}

void TileCheck::check_width(const Tile& tile, ByteView expected) {
  Finding finding{.part = Finding::Part::tile, .path = merkle::tile_path(tile)};
  const auto bytes = files_.read(finding.path);
  const std::size_t size = tile.width * kHashSize;
  if (!bytes) {
    const bool absent = bytes.error() == ReadError::absent;
    finding.part = absent ? Finding::Part::tile : Finding::Part::unreadable;
    finding.problem = absent ? "the tile is missing" : "the file cannot be read";
  } else if (size > expected.size()) {
    finding = beyond_the_log(tile, tile.index * kTileWidth + expected.size() / kHashSize);
  } else if (const ByteView wanted = expected.first(size); !equal(*bytes, wanted)) {
    const std::size_t hash = first_different_hash(*bytes, wanted);
    finding.problem = bytes->size() == size ? "hash " + std::to_string(hash) +
                                                  " of the tile is not the one that its entries have"
                                            : "the tile has " + std::to_string(bytes->size()) +
                                                  " bytes and must have " + std::to_string(size);
    const std::uint64_t entry = tile.index * kTileWidth + hash;
    if (tile.level == 0u && hash < tile.width) {
      first_difference_ = std::min(first_difference_.value_or(entry), entry);
    }
  } else {
    return;
  }
  findings_.push_back(std::move(finding));
}

}  // namespace wardline::auditlog
