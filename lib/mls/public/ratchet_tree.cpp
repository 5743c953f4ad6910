#include "lib/mls/public/ratchet_tree.h"

#include <algorithm>
#include <set>

namespace wardline::mls {

// The first byte of a point of a NIST curve says that it is uncompressed, and nothing else.
KeyPrint print_of(ByteView public_key) {
  KeyPrint print = 0;
  for (std::size_t i = 1; i < public_key.size() && i <= sizeof print; ++i) print = print << 8 | public_key[i];
  return print;
}

RatchetTree::RatchetTree(const Suite& suite) : suite_(&suite) { resize(1); }

RatchetTree RatchetTree::of_creator(const Suite& suite, LeafNode creator) {
  RatchetTree tree(suite);
  tree.set_leaf({0}, std::move(creator));
  return tree;
}

Result<RatchetTree> RatchetTree::from_wire(const Suite& suite, RatchetTreeWire wire, const Limits& limits) {
  auto& nodes = wire.nodes;
  // RFC 9420 §12.4.3.3: the sender leaves out blank nodes after the last one that is not.
  if (nodes.empty() || !nodes.back()) return broken(Rule::tree_ends_with_node);
  const auto leaf_count = std::bit_ceil((nodes.size() + 2) / 2);
  if (leaf_count > limits.leaves) return broken(Rule::tree_size);

  RatchetTree tree(suite);
  tree.resize(static_cast<std::uint32_t>(leaf_count));
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i]) continue;
    auto& value = nodes[i]->value;
    // RFC 9420 §12.4.3.3: leaf L is at position 2L, parents are in between.
    if (std::holds_alternative<LeafNode>(value) != is_leaf({i})) return broken(Rule::tree_node_types);
    if (auto* leaf = std::get_if<LeafNode>(&value)) {
      tree.set_leaf(leaf_of({i}), std::move(*leaf));
    } else {
      tree.set_parent({i}, std::make_shared<const ParentNode>(std::get<ParentNode>(std::move(value))));
    }
  }
  return tree;
}

RatchetTreeWire RatchetTree::to_wire() const {
  RatchetTreeWire wire;
  wire.nodes.resize(wire_size());
  for (std::uint32_t i = 0; i < wire.nodes.size(); ++i) {
    if (const LeafNode* leaf_node = is_leaf({i}) ? leaf(leaf_of({i})) : nullptr)
      wire.nodes[i] = Node{*leaf_node};
    if (const ParentNode* parent_node = parent({i})) wire.nodes[i] = Node{*parent_node};
  }
  return wire;
}

void RatchetTree::write_wire(tls::Writer& out) const {
  const std::uint32_t end = wire_size();
  out.vector([&](tls::Writer& inner) {
    for (std::uint32_t i = 0; i < end; ++i) {
      const Slot& slot = slots_[i];
      inner.uint(slot.leaf || slot.parent ? 1 : 0, 1);
      if (slot.leaf) write_node(inner, *slot.leaf);
      if (slot.parent) write_node(inner, *slot.parent);
    }
  });
}

Bytes RatchetTree::encode_wire() const {
  tls::Writer out;
  write_wire(out);
  return out.take();
}

std::uint32_t RatchetTree::wire_size() const {
  std::uint32_t end = static_cast<std::uint32_t>(slots_.size());
  while (end > 0 && is_blank({end - 1})) --end;
  return end;
}

const LeafNode* RatchetTree::leaf(LeafIndex index) const {
  if (index.value >= leaf_count()) return nullptr;
  return slots_[node_of(index).value].leaf.get();
}

const ParentNode* RatchetTree::parent(NodeIndex node) const {
  return contains(node) ? slots_[node.value].parent.get() : nullptr;
}

bool RatchetTree::is_blank(NodeIndex node) const {
  return !contains(node) || (!slots_[node.value].leaf && !slots_[node.value].parent);
}

const HpkePublicKey& RatchetTree::encryption_key(NodeIndex node) const {
  const Slot& slot = slots_[node.value];
  return slot.leaf ? slot.leaf->encryption_key : slot.parent->encryption_key;
}

crypto::Result<crypto::VerificationKey> RatchetTree::signature_key(LeafIndex index) const {
  const Slot& slot = slots_[node_of(index).value];
  if (!slot.leaf) return std::unexpected(crypto::Error::bad_key);
  if (slot.key) return *slot.key;
  return crypto::VerificationKey::from_raw(suite_->signature, slot.leaf->signature_key);
}

void RatchetTree::keep_signature_key(LeafIndex index, crypto::VerificationKey key) {
  if (slots_[node_of(index).value].key) return;
  slots_.writable(node_of(index).value).key = std::make_shared<const crypto::VerificationKey>(std::move(key));
}

std::optional<LeafIndex> RatchetTree::find_member(const SignaturePublicKey& signature_key) const {
  for (std::uint32_t i = 0; i < leaf_count(); ++i) {
    if (const LeafNode* node = leaf({i}); node && node->signature_key == signature_key) return LeafIndex{i};
  }
  return std::nullopt;
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex node, std::span<const LeafIndex> except) const {
  std::vector<NodeIndex> nodes;
  collect_resolution(node, nodes);
  if (!except.empty()) {
    std::erase_if(nodes, [&](NodeIndex each) {
      return is_leaf(each) && std::ranges::binary_search(except, leaf_of(each));
    });
  }
  return nodes;
}

// RFC 9420 §4.1.1: a node that is not blank and its unmerged leaves; for a blank parent what is below it; for
// a blank leaf nothing.
void RatchetTree::collect_resolution(NodeIndex node, std::vector<NodeIndex>& out) const {
  if (!is_blank(node)) {
    out.push_back(node);
    if (const ParentNode* content = parent(node)) {
      for (const LeafIndex unmerged : content->unmerged_leaves) out.push_back(node_of(unmerged));
    }
  } else if (!is_leaf(node)) {
    collect_resolution(left_of(node), out);
    collect_resolution(right_of(node), out);
  }
}

bool RatchetTree::is_resolution_empty(NodeIndex node) const {
  if (!is_blank(node)) return false;
  return is_leaf(node) || (is_resolution_empty(left_of(node)) && is_resolution_empty(right_of(node)));
}

std::vector<PathStep> RatchetTree::filtered_direct_path(LeafIndex index) const {
  std::vector<PathStep> steps;
  for (NodeIndex node = node_of(index); node != root(); node = parent_of(node)) {
    const NodeIndex copath_child = sibling_of(node);
    if (!is_resolution_empty(copath_child)) steps.push_back({parent_of(node), copath_child});
  }
  return steps;
}

LeafIndex RatchetTree::next_free_leaf() const {
  std::uint32_t index = first_blank_;
  while (index < leaf_count() && slots_[node_of({index}).value].leaf) ++index;
  return {index};
}

LeafIndex RatchetTree::reserve_leaf() {
  const LeafIndex index = next_free_leaf();
  first_blank_ = index.value;
  if (index.value == leaf_count()) widen();
  return index;
}

LeafIndex RatchetTree::add(LeafNode leaf) {
  const LeafIndex index = reserve_leaf();
  for (const NodeIndex node : direct_path(index, leaf_count())) {
    const ParentNode* old = parent(node);
    if (!old) continue;
    auto changed = std::make_shared<ParentNode>(*old);
    auto& unmerged = changed->unmerged_leaves;
    unmerged.insert(std::ranges::lower_bound(unmerged, index), index);
    set_parent(node, std::move(changed));
  }
  set_leaf(index, std::move(leaf));
  return index;
}

void RatchetTree::update(LeafIndex index, LeafNode leaf, std::optional<crypto::VerificationKey> key) {
  blank_path(index);
  set_leaf(index, std::move(leaf), std::move(key));
}

void RatchetTree::remove(LeafIndex index) {
  blank_path(index);
  put_leaf(index, nullptr);
  truncate();
}

Bytes RatchetTree::set_path(LeafIndex index, std::span<const HpkePublicKey> keys) {
  blank_path(index);
  const std::vector<PathStep> path = filtered_direct_path(index);
  Bytes above;  // RFC 9420 §7.9: the root's parent hash is empty.
  for (std::size_t i = std::min(path.size(), keys.size()); i-- > 0;) {
    const auto [node, copath_child] = path[i];
    set_parent(node, std::make_shared<const ParentNode>(ParentNode{keys[i], std::move(above), {}}));
    above = parent_hash(node, copath_child);
  }
  forget_hashes_above(index);
  return above;
}

void RatchetTree::set_leaf(LeafIndex index, LeafNode leaf, std::optional<crypto::VerificationKey> key) {
  put_leaf(index, std::make_shared<const LeafNode>(std::move(leaf)));
  if (key) keep_signature_key(index, std::move(*key));
}

void RatchetTree::put_back(LeafIndex index, std::optional<LeafNode> leaf) {
  while (index.value >= leaf_count()) widen();
  put_leaf(index, leaf ? std::make_shared<const LeafNode>(std::move(*leaf)) : nullptr);
}

void RatchetTree::put_leaf(LeafIndex index, std::shared_ptr<const LeafNode> leaf) {
  Slot& slot = slots_.writable(node_of(index).value);
  if (slot.leaf) count_member(*slot.leaf, -1);
  if (leaf) count_member(*leaf, 1);
  if (!leaf) first_blank_ = std::min(first_blank_, index.value);
  encryption_prints_.writable(node_of(index).value) = leaf ? print_of(leaf->encryption_key) : 0;
  signature_prints_.writable(index.value) = leaf ? print_of(leaf->signature_key) : 0;
  slot.leaf = std::move(leaf);
  slot.key.reset();
  slot.hash.size = 0;
  forget_hashes_above(index);
}

void RatchetTree::count_member(const LeafNode& leaf, int change) {
  const CredentialType own = leaf.credential.type();
  const auto count = static_cast<std::uint32_t>(change);  // Unsigned, so that -1 takes one off.
  member_count_ += count;
  bool counted = false;
  for (CredentialCount& each : credentials_) {
    if (leaf.capabilities.supports(each.type)) each.supported += count;
    if (each.type != own) continue;
    each.used += count;
    counted = true;
  }
  if (!counted) other_credentials_ += count;
}

bool RatchetTree::credential_types_supported() const {
  for (const CredentialCount& each : credentials_) {
    if (each.used != 0 && each.supported != member_count_) return false;
  }
  if (other_credentials_ == 0) return true;
  std::set<CredentialType> in_use;
  for_each_member([&](LeafIndex, const LeafNode& leaf) { in_use.insert(leaf.credential.type()); });
  bool all_supported = true;
  for_each_member([&](LeafIndex, const LeafNode& leaf) {
    for (const CredentialType type : in_use)
      all_supported = all_supported && leaf.capabilities.supports(type);
  });
  return all_supported;
}

void RatchetTree::set_parent(NodeIndex node, std::shared_ptr<const ParentNode> parent) {
  Slot& slot = slots_.writable(node.value);
  encryption_prints_.writable(node.value) = parent ? print_of(parent->encryption_key) : 0;
  slot.parent = std::move(parent);
  slot.hash.size = 0;
}

void RatchetTree::blank_path(LeafIndex index) {
  for (const NodeIndex node : direct_path(index, leaf_count())) {
    if (slots_[node.value].parent) set_parent(node, nullptr);
  }
  forget_hashes_above(index);
}

void RatchetTree::forget_hashes_above(LeafIndex index) {
  for (const NodeIndex node : direct_path(index, leaf_count())) {
    if (slots_[node.value].hash.size != 0) slots_.writable(node.value).hash.size = 0;
  }
}

void RatchetTree::resize(std::uint32_t leaf_count) {
  slots_.resize(node_count(leaf_count));
  encryption_prints_.resize(node_count(leaf_count));
  signature_prints_.resize(leaf_count);
}

// RFC 9420 §7.7: a new blank root, the old tree on its left, a blank subtree on its right.
void RatchetTree::widen() { resize(leaf_count() * 2); }

// RFC 9420 §7.7: while no node of the right half holds anything, the left half becomes the tree. Parents of
// the right half have been blanked together with their last leaf.
void RatchetTree::truncate() {
  while (leaf_count() > 1 && is_resolution_empty(right_of(root()))) resize(leaf_count() / 2);
}

bool RatchetTree::operator==(const RatchetTree& other) const {
  if (slots_.size() != other.slots_.size()) return false;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    const Slot& mine = slots_[i];
    const Slot& theirs = other.slots_[i];
    if (mine.leaf != theirs.leaf && !(mine.leaf && theirs.leaf && *mine.leaf == *theirs.leaf)) return false;
    if (mine.parent != theirs.parent && !(mine.parent && theirs.parent && *mine.parent == *theirs.parent))
      return false;
  }
  return true;
}

}  // namespace wardline::mls
