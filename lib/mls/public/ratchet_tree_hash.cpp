// Tree hashes and parent hashes of the ratchet tree (RFC 9420 §7.8, §7.9).
#include <algorithm>

#include "lib/crypto/hash.h"
#include "lib/mls/public/ratchet_tree.h"

namespace wardline::mls {
namespace {

enum class HashInputType : std::uint8_t { leaf = 1, parent = 2 };

Bytes leaf_hash(crypto::HashAlgorithm algorithm, LeafIndex index, const LeafNode* node) {
  tls::Writer input;
  tls::write(input, HashInputType::leaf);
  tls::write(input, index);
  input.uint(node ? 1 : 0, 1);
  if (node) tls::write(input, *node);
  return crypto::hash(algorithm, input.bytes());
}

Bytes parent_node_hash(crypto::HashAlgorithm algorithm, const ParentNode* node, ByteView left,
                       ByteView right) {
  tls::Writer input;
  tls::write(input, HashInputType::parent);
  input.uint(node ? 1 : 0, 1);
  if (node) tls::write(input, *node);
  input.opaque(left);
  input.opaque(right);
  return crypto::hash(algorithm, input.bytes());
}

std::span<const LeafIndex> part_below(std::span<const LeafIndex> sorted, NodeIndex node) {
  const auto [first, end] = leaves_below(node);
  const auto from = std::ranges::lower_bound(sorted, LeafIndex{first});
  return {from, std::ranges::lower_bound(from, sorted.end(), LeafIndex{end})};
}

}  // namespace

ByteView RatchetTree::node_hash(NodeIndex node) {
  if (slots_[node.value].hash.size != 0) return slots_[node.value].hash.view();
  Bytes hash;
  if (is_leaf(node)) {
    hash = leaf_hash(suite_->hash, leaf_of(node), leaf(leaf_of(node)));
  } else {
    node_hash(left_of(node));  // Its view would not outlive the next call.
    const ByteView right = node_hash(right_of(node));
    hash = parent_node_hash(suite_->hash, parent(node), slots_[left_of(node).value].hash.view(), right);
  }
  Digest& digest = slots_.writable(node.value).hash;
  std::ranges::copy(hash, digest.bytes.begin());
  digest.size = static_cast<std::uint8_t>(hash.size());
  return digest.view();
}

Bytes RatchetTree::original_node_hash(NodeIndex node, std::span<const LeafIndex> without) {
  const auto gone = part_below(without, node);
  if (gone.empty()) return to_bytes(node_hash(node));
  if (is_leaf(node)) return leaf_hash(suite_->hash, leaf_of(node), nullptr);
  const Bytes left = original_node_hash(left_of(node), gone);
  const Bytes right = original_node_hash(right_of(node), gone);
  const ParentNode* content = parent(node);
  if (!content) return parent_node_hash(suite_->hash, nullptr, left, right);
  ParentNode original = *content;
  std::erase_if(original.unmerged_leaves,
                [&](LeafIndex each) { return std::ranges::binary_search(gone, each); });
  return parent_node_hash(suite_->hash, &original, left, right);
}

Bytes RatchetTree::parent_hash(NodeIndex parent_node, NodeIndex sibling) {
  const std::shared_ptr<const ParentNode> content =
      slots_[parent_node.value].parent;  // Stays while hashes are written.
  tls::Writer input;
  input.opaque(content->encryption_key);
  input.opaque(content->parent_hash);
  input.opaque(original_node_hash(sibling, content->unmerged_leaves));
  return crypto::hash(suite_->hash, input.bytes());
}

Result<void> RatchetTree::verify_parent_hashes() {
  for (std::uint32_t i = 1; i < slots_.size(); i += 2) {
    if (!slots_[i].parent) continue;
    const NodeIndex node{i};
    const bool from_left = is_chained(node, left_of(node), right_of(node));
    const bool from_right = is_chained(node, right_of(node), left_of(node));
    // RFC 9420 §7.9.2: exactly one descendant chains to each parent; chains of parents end in a leaf, by
    // induction.
    if (from_left == from_right) return broken(Rule::tree_parent_hashes);
  }
  return {};
}

// RFC 9420 §7.9.2: D is in the resolution of C, whose rest is exactly those of P's unmerged leaves that are
// below C.
std::optional<NodeIndex> RatchetTree::chained_node(NodeIndex parent_node, NodeIndex child) const {
  const auto unmerged = part_below(parent(parent_node)->unmerged_leaves, child);
  std::vector<NodeIndex> nodes = resolution(child);
  const std::size_t size = nodes.size();
  std::erase_if(nodes, [&](NodeIndex each) {
    return is_leaf(each) && std::ranges::binary_search(unmerged, leaf_of(each));
  });
  if (nodes.size() != 1 || size - 1 != unmerged.size()) return std::nullopt;
  return nodes.front();
}

bool RatchetTree::is_chained(NodeIndex parent_node, NodeIndex child, NodeIndex sibling) {
  const auto descendant = chained_node(parent_node, child);
  if (!descendant) return false;
  const LeafNode* leaf_node = is_leaf(*descendant) ? leaf(leaf_of(*descendant)) : nullptr;
  const Bytes& expected = leaf_node ? leaf_node->parent_hash : parent(*descendant)->parent_hash;
  return !expected.empty() && expected == parent_hash(parent_node, sibling);
}

}  // namespace wardline::mls
