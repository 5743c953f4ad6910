#include "lib/merkle/hash_tree.h"

namespace wardline::merkle {

void HashTree::append(const Hash& leaf) {
  Hash hash = leaf;
  for (std::size_t level = 0;; ++level) {
    if (levels_.size() == level) levels_.emplace_back();
    auto& hashes = levels_[level];
    hashes.push_back(hash);
    if (hashes.size() % 2 != 0) return;
    hash = node_hash(hashes[hashes.size() - 2], hash);
  }
}

Result<Hash> HashTree::node(unsigned level, std::uint64_t index) {
  if (level >= levels_.size() || index >= levels_[level].size()) return std::unexpected(Error::out_of_range);
  return levels_[level][index];
}

}  // namespace wardline::merkle
