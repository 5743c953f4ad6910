// Arithmetic of full binary trees in an array (RFC 9420 Appendix C). Leaf i is node 2i; a tree is
// `leaf_count` leaves wide, a power of two.
#pragma once

#include <bit>
#include <optional>
#include <vector>

#include "lib/mls/public/types.h"

namespace wardline::mls {

constexpr NodeIndex node_of(LeafIndex leaf) { return {leaf.value * 2}; }
constexpr bool is_leaf(NodeIndex node) { return node.value % 2 == 0; }
/// Only for a node that is a leaf.
constexpr LeafIndex leaf_of(NodeIndex node) { return {node.value / 2}; }

/// 0 for a leaf, 1 for its parent, and so on.
constexpr std::uint32_t level_of(NodeIndex node) {
  return static_cast<std::uint32_t>(std::countr_one(node.value));
}
constexpr std::uint32_t node_count(std::uint32_t leaf_count) { return leaf_count * 2 - 1; }
constexpr NodeIndex root_of(std::uint32_t leaf_count) { return {leaf_count - 1}; }

/// Only for a node that is not a leaf.
constexpr NodeIndex left_of(NodeIndex node) { return {node.value - (1U << (level_of(node) - 1))}; }
constexpr NodeIndex right_of(NodeIndex node) { return {node.value + (1U << (level_of(node) - 1))}; }

/// In a tree of unbounded width: of no use for the root.
constexpr NodeIndex parent_of(NodeIndex node) {
  const std::uint32_t level = level_of(node);
  return {(node.value | (1U << level)) & ~(1U << (level + 1))};
}
constexpr NodeIndex sibling_of(NodeIndex node) {
  const NodeIndex parent = parent_of(node);
  return node < parent ? right_of(parent) : left_of(parent);
}

/// The leaves below a node: from `first` up to and without `end`.
struct LeafRange {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  constexpr bool contains(LeafIndex leaf) const { return leaf.value >= first && leaf.value < end; }
};
constexpr LeafRange leaves_below(NodeIndex node) {
  const std::uint32_t half = (1U << level_of(node)) - 1;
  return {(node.value - half) / 2, (node.value + half) / 2 + 1};
}
constexpr bool is_below(LeafIndex leaf, NodeIndex node) { return leaves_below(node).contains(leaf); }

/// §4.1: the parents from the one next to the leaf up to the root.
std::vector<NodeIndex> direct_path(LeafIndex leaf, std::uint32_t leaf_count);
/// The lowest node that is above both or is one of them.
NodeIndex common_ancestor(NodeIndex a, NodeIndex b);
/// The child of `node` that has `leaf` below it. Only for a parent above the leaf.
constexpr NodeIndex child_towards(NodeIndex node, LeafIndex leaf) {
  const NodeIndex left = left_of(node);
  return is_below(leaf, left) ? left : right_of(node);
}

}  // namespace wardline::mls
