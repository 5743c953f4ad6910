#include "lib/mls/public/tree_math.h"

namespace wardline::mls {

std::vector<NodeIndex> direct_path(LeafIndex leaf, std::uint32_t leaf_count) {
  std::vector<NodeIndex> path;
  path.reserve(level_of(root_of(leaf_count)));
  const NodeIndex root = root_of(leaf_count);
  for (NodeIndex node = node_of(leaf); node != root;) path.push_back(node = parent_of(node));
  return path;
}

NodeIndex common_ancestor(NodeIndex a, NodeIndex b) {
  while (a != b) {
    NodeIndex& lower = level_of(a) <= level_of(b) ? a : b;
    lower = parent_of(lower);
  }
  return a;
}

}  // namespace wardline::mls
