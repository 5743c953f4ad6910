// A whole tree of hashes in memory, which makes proofs about each of its sizes. For logs of thousands of
// entries; one of millions reads its tiles (tile.h).
#pragma once

#include "lib/merkle/proof.h"

namespace wardline::merkle {

class HashTree final : public HashReader {
 public:
  void append(const Hash& leaf);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  /// MTH of the first `size` leaves; `out_of_range` if there are fewer.
  Result<Hash> root_at(std::uint64_t size) { return range_root(*this, 0, size); }
  Result<Hash> node(unsigned level, std::uint64_t index) override;

 private:
  std::vector<std::vector<Hash>> levels_;  // Of complete subtrees; [0] are the leaves.
};

}  // namespace wardline::merkle
