// The Merkle tree of RFC 6962 §2.1 over SHA-256: hashes of leaves and nodes, and a tree that grows leaf by
// leaf.
#pragma once

#include <array>
#include <vector>

#include "lib/bytes/bytes.h"
#include "lib/merkle/error.h"

namespace wardline::merkle {

inline constexpr std::size_t kHashSize = 32;
using Hash = std::array<std::uint8_t, kHashSize>;

/// The hash in these bytes, or `malformed` if they are not 32.
Result<Hash> hash_from(ByteView bytes);

Hash empty_root();                                    ///< MTH({}): SHA-256 of nothing
Hash leaf_hash(ByteView entry);                       ///< SHA-256(0x00 || entry)
Hash node_hash(const Hash& left, const Hash& right);  ///< SHA-256(0x01 || left || right)

/// The roots of the complete subtrees that make up the first `size()` leaves, largest first: all that a log
/// has to remember in order to grow and to know its root.
class CompactTree {
 public:
  CompactTree() = default;
  /// `roots` as `roots()` gave them for this size; `malformed` if their number does not fit it.
  static Result<CompactTree> restore(std::uint64_t size, std::vector<Hash> roots);

  void append(const Hash& leaf);
  /// MTH of all leaves so far; `empty_root()` while there is none.
  Hash root() const;
  std::uint64_t size() const { return size_; }
  const std::vector<Hash>& roots() const { return roots_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> roots_;
};

}  // namespace wardline::merkle
