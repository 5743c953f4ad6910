#include "lib/mls/public/tree_validation.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "lib/crypto/hpke.h"

namespace wardline::mls {
namespace {

std::string_view text_view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// RFC 9420 §12.4.3.1: between an unmerged leaf and the parent that lists it, every node that is not blank
// lists it too.
bool is_listed_between(const RatchetTree& tree, LeafIndex leaf, NodeIndex top) {
  for (NodeIndex node = parent_of(node_of(leaf)); node != top; node = parent_of(node)) {
    const ParentNode* between = tree.parent(node);
    if (between && !std::ranges::binary_search(between->unmerged_leaves, leaf)) return false;
  }
  return true;
}

Result<void> check_unmerged_order(const RatchetTree& tree) {
  for (std::uint32_t i = 1; tree.contains({i}); i += 2) {
    const ParentNode* parent = tree.parent({i});
    if (!parent) continue;
    // RFC 9420 §7.1: entries are in increasing order.
    if (std::ranges::adjacent_find(parent->unmerged_leaves, std::greater_equal()) !=
        parent->unmerged_leaves.end()) {
      return broken(Rule::unmerged_leaves_sorted);
    }
  }
  return {};
}

Result<void> check_unmerged_leaves(const RatchetTree& tree) {
  WARDLINE_MLS_TRY(check_unmerged_order(tree));
  for (std::uint32_t i = 1; tree.contains({i}); i += 2) {
    const ParentNode* parent = tree.parent({i});
    if (!parent) continue;
    for (const LeafIndex leaf : parent->unmerged_leaves) {
      // RFC 9420 §12.4.3.1: an entry is a member below the node.
      if (!is_below(leaf, {i}) || !tree.leaf(leaf)) return broken(Rule::unmerged_leaves_descend);
      if (!is_listed_between(tree, leaf, {i})) return broken(Rule::unmerged_leaves_consistent);
    }
  }
  return {};
}

Result<void> validate_leaves(RatchetTree& tree, ByteView group_id, const GroupParameters& parameters,
                             const Validation& validation) {
  for (std::uint32_t i = 0; i < tree.leaf_count(); ++i) {
    const LeafNode* leaf = tree.leaf({i});
    if (!leaf) continue;
    auto key = validate_leaf(*leaf, {.place = LeafPlace::tree, .group_id = group_id, .index = {i}},
                             parameters, validation);
    if (!key) return std::unexpected(key.error());
    tree.keep_signature_key({i}, std::move(*key));
  }
  return {};
}

Result<void> validate_parent_keys(const RatchetTree& tree, const Suite& suite) {
  for (std::uint32_t i = 1; tree.contains({i}); i += 2) {
    const ParentNode* parent = tree.parent({i});
    // RFC 9420 §7.1: an HPKE public key.
    if (parent && !crypto::is_valid_hpke_public_key(suite, parent->encryption_key)) {
      return broken(Rule::tree_parent_keys_valid);
    }
  }
  return {};
}

std::vector<NodeIndex> nodes_of(const RatchetTree& tree) {
  std::vector<NodeIndex> nodes;
  for (std::uint32_t i = 0; tree.contains({i}); ++i) {
    if (!tree.is_blank({i})) nodes.push_back({i});
  }
  return nodes;
}

/// Remembers which node has which key.
class KeyIndex {
 public:
  explicit KeyIndex(const RatchetTree& tree, std::size_t expected) : tree_(tree) {
    encryption_.reserve(expected);
    signature_.reserve(expected);
  }

  /// Looks for another node with the keys of `node`.
  Result<void> check(NodeIndex node) const {
    if (const auto other = encryption_.find(text_view(tree_.encryption_key(node)));
        other != encryption_.end() && other->second != node) {
      // RFC 9420 §7.3: unique among members; §12.4.3.1: and a parent's key is found nowhere else.
      if (is_leaf(node) && is_leaf(other->second)) return broken(Rule::member_encryption_keys_unique);
      return broken(Rule::tree_parent_keys_unique);
    }
    if (!is_leaf(node)) return {};
    const auto other = signature_.find(text_view(tree_.leaf(leaf_of(node))->signature_key));
    return require(other == signature_.end() || other->second == node, Rule::member_signature_keys_unique);
  }

  void insert(NodeIndex node) {
    encryption_.emplace(text_view(tree_.encryption_key(node)), node);
    if (is_leaf(node)) signature_.emplace(text_view(tree_.leaf(leaf_of(node))->signature_key), node);
  }

 private:
  const RatchetTree& tree_;
  std::unordered_map<std::string_view, NodeIndex> encryption_, signature_;
};

}  // namespace

Result<void> check_keys_unique(const RatchetTree& tree, std::span<const NodeIndex> changed) {
  KeyIndex index(tree, changed.size());
  for (const NodeIndex node : changed) {
    WARDLINE_MLS_TRY(index.check(node));
    index.insert(node);
  }
  for (std::uint32_t i = 0; tree.contains({i}); ++i) {
    if (!tree.is_blank({i})) WARDLINE_MLS_TRY(index.check({i}));
  }
  return {};
}

Result<void> check_credential_types(const RatchetTree& tree) {
  std::vector<CredentialType> in_use;
  tree.for_each_member([&](LeafIndex, const LeafNode& leaf) {
    const CredentialType type = leaf.credential.type();
    if (std::ranges::find(in_use, type) == in_use.end()) in_use.push_back(type);
  });
  bool all_supported = true;
  tree.for_each_member([&](LeafIndex, const LeafNode& leaf) {
    for (const CredentialType type : in_use)
      all_supported = all_supported && leaf.capabilities.supports(type);
  });
  // RFC 9420 §7.3: the type of each member's credential is supported by all members.
  return require(all_supported, Rule::credential_types_supported);
}

Result<void> validate_tree(RatchetTree& tree, const GroupContext& context, const GroupParameters& parameters,
                           const Validation& validation) {
  WARDLINE_MLS_TRY(check_unmerged_leaves(tree));  // First: everything after relies on well-formed lists.
  // RFC 9420 §12.4.3.1: the tree is the one that the GroupContext is about.
  if (!equal(tree.tree_hash(), context.tree_hash)) return broken(Rule::tree_hash_matches);
  WARDLINE_MLS_TRY(tree.verify_parent_hashes());
  WARDLINE_MLS_TRY(validate_parent_keys(tree, *parameters.suite));
  WARDLINE_MLS_TRY(check_keys_unique(tree, nodes_of(tree)));
  WARDLINE_MLS_TRY(check_credential_types(tree));
  return validate_leaves(tree, context.group_id, parameters, validation);
}

}  // namespace wardline::mls
