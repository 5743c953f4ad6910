#include "server/audit/log_writer.h"

#include <bit>

namespace wardline::audit {
namespace {

using merkle::kTileWidth;
using merkle::Tile;

std::unexpected<core::Error> damaged() {
  return core::fail(core::ErrorKind::internal, "audit-log-damaged",
                    "A file of the log is missing or damaged. Find it with `wardline audit verify`, "
                    "restore the folder from "
                    "a backup, and start again.");
}

/// The roots of the complete subtrees of a tree of this size, largest first.
core::Result<merkle::CompactTree> tree_of(auditlog::LogFiles& files, std::uint64_t size) {
  auditlog::FileTiles tiles(files);
  merkle::TileHashReader reader(tiles, size);
  std::vector<merkle::Hash> roots;
  std::uint64_t first = 0;
  for (unsigned level = 64; level-- > 0;) {
    if ((size >> level & 1) == 0) continue;
    const auto root = reader.node(level, first >> level);
    if (!root) return damaged();
    roots.push_back(*root);
    first += std::uint64_t{1} << level;
  }
  return *merkle::CompactTree::restore(size, std::move(roots));
}

}  // namespace

core::Result<LogWriter> LogWriter::load(auditlog::LogFiles& files, std::uint64_t size) {
  LogWriter writer;
  auto tree = tree_of(files, size);
  if (!tree) return std::unexpected(tree.error());
  writer.tree_ = std::move(*tree);
  for (unsigned level = 0; merkle::hashes_at_level(size, level) != 0; ++level) {
    Level& at = writer.levels_.emplace_back();
    at.tile = merkle::hashes_at_level(size, level) / kTileWidth;
    const auto tile = merkle::tile_in_tree(size, level, at.tile);
    if (!tile) continue;
    const auto bytes = files.read(merkle::tile_path(*tile));
    auto hashes = bytes ? merkle::decode_tile(*tile, *bytes) : std::unexpected(merkle::Error::unavailable);
    if (!hashes) return damaged();
    at.hashes = std::move(*hashes);
  }
  if (const auto bundle = merkle::tile_in_tree(size, std::nullopt, size / kTileWidth)) {
    auto bytes = files.read(merkle::tile_path(*bundle));
    if (!bytes || !merkle::decode_bundle(*bundle, *bytes)) return damaged();
    writer.bundle_ = std::move(*bytes);
  }
  return writer;
}

core::Result<void> LogWriter::add(ByteView entry) {
  if (!merkle::append_to_bundle(bundle_, entry)) {
    return core::fail(core::ErrorKind::internal, "audit-entry-too-large",
                      "An entry is larger than the log's format allows.");
  }
  const merkle::Hash leaf = merkle::leaf_hash(entry);
  tree_.append(leaf);
  if (tree_.size() % kTileWidth == 0) {
    finished_.push_back({{std::nullopt, tree_.size() / kTileWidth - 1}, std::move(bundle_)});
    bundle_.clear();
  }
  push(0, leaf);
  return {};
}

void LogWriter::push(unsigned level, const merkle::Hash& hash) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  Level& at = levels_[level];
  at.hashes.push_back(hash);
  at.changed = true;
  if (at.hashes.size() < kTileWidth) return;
  finished_.push_back({{level, at.tile}, merkle::encode_tile(at.hashes)});
  const merkle::Hash root = merkle::tile_root(at.hashes);
  at = {at.tile + 1, {}, false};
  push(level + 1, root);
}

std::vector<LogWriter::NewTile> LogWriter::take_tiles() {
  std::vector<NewTile> tiles = take_full_tiles();
  if (!levels_.empty() && levels_[0].changed) {
    const auto width = static_cast<unsigned>(tree_.size() % kTileWidth);
    tiles.push_back({{std::nullopt, tree_.size() / kTileWidth, width}, bundle_});
  }
  for (unsigned level = 0; level < levels_.size(); ++level) {
    Level& at = levels_[level];
    if (!at.changed) continue;
    tiles.push_back(
        {{level, at.tile, static_cast<unsigned>(at.hashes.size())}, merkle::encode_tile(at.hashes)});
    at.changed = false;
  }
  return tiles;
}

}  // namespace wardline::audit
