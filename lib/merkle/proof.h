// Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2), made from any source of hashes and checked
// without one.
//
// A subtree [start, end) is what draft-ietf-plants-merkle-tree-certs §4 calls one: start is a multiple of the
// smallest power of two that is not below end - start. The plain consistency proof is the case start = 0.
#pragma once

#include <span>

#include "lib/merkle/tree.h"

namespace wardline::merkle {

/// Where the maker of proofs finds hashes: files, a database, or memory.
class HashReader {
 public:
  virtual ~HashReader() = default;
  /// MTH(D[index * 2^level : (index + 1) * 2^level]). Asked for complete subtrees only.
  virtual Result<Hash> node(unsigned level, std::uint64_t index) = 0;
};

using Proof = std::vector<Hash>;

/// MTH(D[start:end]) where [start, end) is a subtree or the whole tree. `empty_root()` if start == end.
Result<Hash> range_root(HashReader& reader, std::uint64_t start, std::uint64_t end);

/// RFC 6962 §2.1.1. `out_of_range` unless index < size.
Result<Proof> inclusion_proof(HashReader& reader, std::uint64_t index, std::uint64_t size);
/// RFC 6962 §2.1.2. `out_of_range` unless 0 < old_size <= size.
Result<Proof> consistency_proof(HashReader& reader, std::uint64_t old_size, std::uint64_t size);
/// That the tree of `size` leaves contains the subtree [start, end).
Result<Proof> subtree_consistency_proof(HashReader& reader, std::uint64_t start, std::uint64_t end,
                                        std::uint64_t size);

bool is_subtree(std::uint64_t start, std::uint64_t end);

/// The root that the proof leads to, for callers that learn the root from elsewhere. RFC 9162 §2.1.3.2.
Result<Hash> root_from_inclusion_proof(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                       std::span<const Hash> proof);
Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root);
/// RFC 9162 §2.1.4.2. From the empty tree to a larger one there is nothing to prove: `out_of_range`.
Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t size, const Hash& old_root,
                                const Hash& root, std::span<const Hash> proof);
/// That `leaf` is entry `index` (counted from the start of the tree) of the subtree with this root.
Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end,
                                      const Hash& leaf, std::span<const Hash> proof,
                                      const Hash& subtree_root);
Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size,
                                        const Hash& subtree_root, const Hash& root,
                                        std::span<const Hash> proof);

}  // namespace wardline::merkle
