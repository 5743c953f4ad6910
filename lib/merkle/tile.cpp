#include "lib/merkle/tile.h"

#include <charconv>

namespace wardline::merkle {
namespace {

constexpr unsigned kLevels = 64;

std::string three_digits(std::uint64_t value) {
  std::string text = std::to_string(value);
  return std::string(3 - text.size(), '0') + text;
}

/// "x001/x234/067"
std::string index_path(std::uint64_t index) {
  std::string path = three_digits(index % 1000);
  for (index /= 1000; index != 0; index /= 1000) path.insert(0, "x" + three_digits(index % 1000) + "/");
  return path;
}

template <class Number>
std::optional<Number> decimal(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The index in path elements of three digits. Sloppy about the spelling: the caller compares with
/// `tile_path`.
std::optional<std::uint64_t> parse_index(std::string_view path) {
  std::string digits;
  for (const char c : path) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return decimal<std::uint64_t>(digits);
}

}  // namespace

std::string tile_path(const Tile& tile) {
  std::string path = "tile/" + (tile.level ? std::to_string(*tile.level) : std::string("entries")) + "/";
  path += index_path(tile.index);
  if (tile.is_partial()) path += ".p/" + std::to_string(tile.width);
  return path;
}

Result<Tile> parse_tile_path(std::string_view path) {
  const std::string_view whole = path;
  constexpr std::size_t kLongest = 64;  // "tile/63/x018/x446/x744/x073/x709/x551/615.p/255" is shorter.
  if (path.size() > kLongest || !path.starts_with("tile/")) return std::unexpected(Error::malformed);
  path.remove_prefix(5);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::unexpected(Error::malformed);

  Tile tile;
  const std::string_view level = path.substr(0, slash);
  path.remove_prefix(slash + 1);
  if (level != "entries") {
    tile.level = decimal<unsigned>(level);
    if (!tile.level || *tile.level >= kLevels) return std::unexpected(Error::malformed);
  }
  if (const std::size_t partial = path.find(".p/"); partial != std::string_view::npos) {
    const auto width = decimal<unsigned>(path.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::unexpected(Error::malformed);
    tile.width = *width;
    path = path.substr(0, partial);
  }
  const auto index = parse_index(path);
  if (!index) return std::unexpected(Error::malformed);
  tile.index = *index;
  // One spelling per tile: zero padding, x prefixes and no leading zeros are settled by writing it again.
  if (tile_path(tile) != whole) return std::unexpected(Error::malformed);
  return tile;
}

std::uint64_t hashes_at_level(std::uint64_t size, unsigned level) {
  const unsigned shift = kTileHeight * level;
  return shift >= 64 ? 0 : size >> shift;
}

std::optional<Tile> tile_in_tree(std::uint64_t size, std::optional<unsigned> level, std::uint64_t index) {
  const std::uint64_t hashes = hashes_at_level(size, level.value_or(0));
  if (index > hashes / kTileWidth) return std::nullopt;
  const std::uint64_t rest = hashes - index * kTileWidth;
  if (rest == 0) return std::nullopt;
  return Tile{level, index, static_cast<unsigned>(std::min(rest, kTileWidth))};
}

std::vector<Tile> new_tiles(std::uint64_t old_size, std::uint64_t size) {
  std::vector<Tile> tiles;
  const auto add_level = [&](std::optional<unsigned> level) {
    const std::uint64_t before = hashes_at_level(old_size, level.value_or(0));
    const std::uint64_t now = hashes_at_level(size, level.value_or(0));
    if (now <= before) return;
    for (std::uint64_t index = before / kTileWidth;; ++index) {
      const auto tile = tile_in_tree(size, level, index);
      if (!tile) return;
      tiles.push_back(*tile);
    }
  };
  add_level(std::nullopt);
  for (unsigned level = 0; hashes_at_level(size, level) != 0; ++level) add_level(level);
  return tiles;
}

Result<std::vector<Hash>> decode_tile(const Tile& tile, ByteView bytes) {
  if (bytes.size() != tile.width * kHashSize) return std::unexpected(Error::malformed);
  std::vector<Hash> hashes(tile.width);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::ranges::copy(bytes.subspan(i * kHashSize, kHashSize), hashes[i].begin());
  }
  return hashes;
}

Bytes encode_tile(std::span<const Hash> hashes) {
  Bytes bytes;
  bytes.reserve(hashes.size() * kHashSize);
  for (const Hash& hash : hashes) append(bytes, hash);
  return bytes;
}

Result<std::vector<ByteView>> decode_bundle(const Tile& tile, ByteView bytes) {
  std::vector<ByteView> entries;
  while (!bytes.empty()) {
    if (bytes.size() < 2 || entries.size() == tile.width) return std::unexpected(Error::malformed);
    const std::size_t size = std::size_t{bytes[0]} << 8 | bytes[1];
    bytes = bytes.subspan(2);
    if (bytes.size() < size) return std::unexpected(Error::malformed);
    entries.push_back(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  if (entries.size() != tile.width) return std::unexpected(Error::malformed);
  return entries;
}

Result<void> append_to_bundle(Bytes& bundle, ByteView entry) {
  if (entry.size() > kLargestEntry) return std::unexpected(Error::out_of_range);
  bundle.push_back(static_cast<std::uint8_t>(entry.size() >> 8));
  bundle.push_back(static_cast<std::uint8_t>(entry.size()));
  append(bundle, entry);
  return {};
}

Hash tile_root(std::span<const Hash> hashes) {
  CompactTree tree;
  for (const Hash& hash : hashes) tree.append(hash);
  return tree.root();
}

Result<Hash> TileHashReader::node(unsigned level, std::uint64_t index) {
  // A complete subtree lies inside one tile: 2^height neighbours at the tile's own level.
  const unsigned tile_level = level / kTileHeight;
  const unsigned height = level % kTileHeight;
  const std::uint64_t first = index << height;
  if (first >> height != index) return std::unexpected(Error::out_of_range);
  const auto tile = tile_in_tree(size_, tile_level, first / kTileWidth);
  const auto offset = static_cast<std::size_t>(first % kTileWidth);
  const std::size_t count = std::size_t{1} << height;
  if (!tile || offset + count > tile->width) return std::unexpected(Error::out_of_range);

  auto found = tiles_.find(*tile);
  if (found == tiles_.end()) {
    const auto bytes = source_.read(*tile);
    if (!bytes) return std::unexpected(bytes.error());
    auto hashes = decode_tile(*tile, *bytes);
    if (!hashes) return std::unexpected(hashes.error());
    found = tiles_.emplace(*tile, std::move(*hashes)).first;
  }
  return tile_root(std::span(found->second).subspan(offset, count));
}

}  // namespace wardline::merkle
