#include "lib/merkle/proof.h"

#include <bit>

namespace wardline::merkle {
namespace {

/// The largest power of two below `size`: where RFC 6962 §2.1 splits a tree. `size` is at least 2.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

/// MTH(D[start:end]) by the recursion of RFC 6962 §2.1; its depth is at most 64.
Result<Hash> root_of(HashReader& reader, std::uint64_t start, std::uint64_t end) {
  const std::uint64_t size = end - start;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return reader.node(level, start >> level);
  }
  const std::uint64_t middle = start + split_of(size);
  const auto left = root_of(reader, start, middle);
  if (!left) return left;
  const auto right = root_of(reader, middle, end);
  if (!right) return right;
  return node_hash(*left, *right);
}

Result<void> push_root(HashReader& reader, std::uint64_t start, std::uint64_t end, Proof& proof) {
  const auto root = root_of(reader, start, end);
  if (!root) return std::unexpected(root.error());
  proof.push_back(*root);
  return {};
}

/// The recursion of RFC 6962 §2.1.2 (SUBPROOF), for a subtree [start, end) of the tree over [low, high).
/// `known` says whether the verifier already has the hash of what is left when the recursion ends.
Result<void> subproof(HashReader& reader, std::uint64_t start, std::uint64_t end, std::uint64_t low,
                      std::uint64_t high, bool known, Proof& proof) {
  if (start == low && end == high) {
    if (known) return {};
    return push_root(reader, low, high, proof);
  }
  const std::uint64_t middle = low + split_of(high - low);
  if (end <= middle) {
    if (auto deeper = subproof(reader, start, end, low, middle, known, proof); !deeper) return deeper;
    return push_root(reader, middle, high, proof);
  }
  if (start >= middle) {
    if (auto deeper = subproof(reader, start, end, middle, high, known, proof); !deeper) return deeper;
  } else if (auto deeper = subproof(reader, middle, end, middle, high, false, proof); !deeper) {
    return deeper;
  }
  return push_root(reader, low, middle, proof);
}

/// Position of the subtree's first leaf, its last leaf and the tree's last leaf at the level reached so far.
struct Position {
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t tree_last;

  void up() {
    first >>= 1;
    last >>= 1;
    tree_last >>= 1;
  }
};

}  // namespace

bool is_subtree(std::uint64_t start, std::uint64_t end) {
  if (start >= end || end - start > std::uint64_t{1} << 63) return false;
  return (start & (std::bit_ceil(end - start) - 1)) == 0;
}

Result<Hash> range_root(HashReader& reader, std::uint64_t start, std::uint64_t end) {
  if (start == end) return empty_root();
  if (start != 0 && !is_subtree(start, end)) return std::unexpected(Error::out_of_range);
  if (start > end) return std::unexpected(Error::out_of_range);
  return root_of(reader, start, end);
}

Result<Proof> inclusion_proof(HashReader& reader, std::uint64_t index, std::uint64_t size) {
  if (index >= size) return std::unexpected(Error::out_of_range);
  return subtree_consistency_proof(reader, index, index + 1, size);
}

Result<Proof> consistency_proof(HashReader& reader, std::uint64_t old_size, std::uint64_t size) {
  return subtree_consistency_proof(reader, 0, old_size, size);
}

Result<Proof> subtree_consistency_proof(HashReader& reader, std::uint64_t start, std::uint64_t end,
                                        std::uint64_t size) {
  if (!is_subtree(start, end) || end > size) return std::unexpected(Error::out_of_range);
  Proof proof;
  if (auto made = subproof(reader, start, end, 0, size, true, proof); !made)
    return std::unexpected(made.error());
  return proof;
}

Result<Hash> root_from_inclusion_proof(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                       std::span<const Hash> proof) {
  if (index >= size) return std::unexpected(Error::out_of_range);
  // RFC 9162 §2.1.3.2
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash root = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return std::unexpected(Error::wrong_proof_size);
    if ((node & 1) != 0 || node == last) {
      root = node_hash(sibling, root);
      // A last node without a sibling moves up unchanged.
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      root = node_hash(root, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::unexpected(Error::wrong_proof_size);
  return root;
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root) {
  const auto calculated = root_from_inclusion_proof(index, size, leaf, proof);
  if (!calculated) return std::unexpected(calculated.error());
  if (*calculated != root) return std::unexpected(Error::root_mismatch);
  return {};
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t size, const Hash& old_root,
                                const Hash& root, std::span<const Hash> proof) {
  if (old_size > size || (old_size == 0 && size != 0)) return std::unexpected(Error::out_of_range);
  if (old_size == size) {
    if (!proof.empty()) return std::unexpected(Error::wrong_proof_size);
    if (old_root != root || (size == 0 && root != empty_root())) return std::unexpected(Error::root_mismatch);
    return {};
  }
  return verify_subtree_consistency(0, old_size, size, old_root, root, proof);
}

Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end,
                                      const Hash& leaf, std::span<const Hash> proof,
                                      const Hash& subtree_root) {
  if (!is_subtree(start, end) || index < start) return std::unexpected(Error::out_of_range);
  return verify_inclusion(index - start, end - start, leaf, proof, subtree_root);
}

Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size,
                                        const Hash& subtree_root, const Hash& root,
                                        std::span<const Hash> proof) {
  if (end > size) return std::unexpected(Error::out_of_range);
  if (start == end) {  // The empty subtree is part of every tree, and its hash is known.
    if (!proof.empty()) return std::unexpected(Error::wrong_proof_size);
    if (subtree_root != empty_root()) return std::unexpected(Error::root_mismatch);
    return {};
  }
  if (!is_subtree(start, end)) return std::unexpected(Error::out_of_range);

  // RFC 9162 §2.1.4.2, with the left edge of the subtree beside its right edge. Climb first to the largest
  // complete subtree at the right edge: its hash is where both calculations start.
  Position at{start, end - 1, size - 1};
  if (at.last == at.tree_last) {
    while (at.first != at.last) at.up();
  } else {
    while (at.first != at.last && (at.last & 1) != 0) at.up();
  }
  Hash subtree_hash = subtree_root;
  if (at.first != at.last) {
    if (proof.empty()) return std::unexpected(Error::wrong_proof_size);
    subtree_hash = proof.front();
    proof = proof.subspan(1);
  }
  Hash tree_hash = subtree_hash;
  for (const Hash& sibling : proof) {
    if (at.tree_last == 0) return std::unexpected(Error::wrong_proof_size);
    if ((at.last & 1) != 0 || at.last == at.tree_last) {
      if (at.first < at.last) subtree_hash = node_hash(sibling, subtree_hash);
      tree_hash = node_hash(sibling, tree_hash);
      while ((at.last & 1) == 0 && at.last != 0) at.up();
    } else {
      tree_hash = node_hash(tree_hash, sibling);
    }
    at.up();
  }
  if (at.tree_last != 0) return std::unexpected(Error::wrong_proof_size);
  if (subtree_hash != subtree_root || tree_hash != root) return std::unexpected(Error::root_mismatch);
  return {};
}

}  // namespace wardline::merkle
