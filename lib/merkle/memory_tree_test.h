// A tree in memory for tests: entries by number, hashes by the definition of RFC 6962 §2.1, and tiles of it.
#pragma once

#include <bit>

#include "lib/merkle/tile.h"

namespace wardline::merkle {

class MemoryTree final : public HashReader, public TileSource {
 public:
  explicit MemoryTree(std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(leaf_hash(entry(i)));
  }

  static Bytes entry(std::uint64_t i) { return to_bytes(as_bytes("entry " + std::to_string(i))); }

  /// MTH by the definition: slow, and nothing of the code under test in it but the two hashes.
  Hash mth(std::uint64_t start, std::uint64_t end) const {
    if (start == end) return empty_root();
    if (end - start == 1) return leaves[start];
    const std::uint64_t middle = start + std::bit_floor(end - start - 1);
    return node_hash(mth(start, middle), mth(middle, end));
  }

  Result<Hash> node(unsigned level, std::uint64_t index) override {
    if ((index + 1) << level > leaves.size()) return std::unexpected(Error::out_of_range);
    return mth(index << level, (index + 1) << level);
  }

  Result<Bytes> read(const Tile& tile) override {
    ++reads;
    Bytes bytes;
    for (std::uint64_t i = 0; i < tile.width; ++i) {
      const std::uint64_t at = tile.index * kTileWidth + i;
      if (tile.is_bundle()) {
        if (!append_to_bundle(bytes, entry(at))) return std::unexpected(Error::unavailable);
      } else {
        const auto hash = node(*tile.level * kTileHeight, at);
        if (!hash) return std::unexpected(Error::unavailable);
        append(bytes, *hash);
      }
    }
    return bytes;
  }

  std::vector<Hash> leaves;
  int reads = 0;
};

}  // namespace wardline::merkle
