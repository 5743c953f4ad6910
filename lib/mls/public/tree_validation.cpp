#include "lib/mls/public/tree_validation.h"

#include <algorithm>

#include "lib/crypto/hpke.h"

namespace wardline::mls {
namespace {

std::string_view text_view(ByteView bytes) {
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

Result<void> validate_leaves(const RatchetTree& tree, ByteView group_id, const GroupParameters& parameters,
                             const Validation& validation) {
  for (std::uint32_t i = 0; i < tree.leaf_count(); ++i) {
    const LeafNode* leaf = tree.leaf({i});
    if (!leaf) continue;
    WARDLINE_MLS_TRY(validate_leaf(*leaf, {.place = LeafPlace::tree, .group_id = group_id, .index = {i}},
                                   parameters, validation));
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

/// Keys and where they are, sorted. Sorting and not hashing: whoever sends a tree chooses the keys, and could
/// choose them to collide.
class KeyIndex {
 public:
  void insert(const Bytes& key, NodeIndex node) {
    entries_.emplace_back(key, node);
    prints_.insert(print_of(key));
  }
  void sort() {
    std::ranges::sort(entries_, {}, [](const Entry& each) { return text_view(each.first); });
  }

  const KeyPrints& prints() const { return prints_; }
  /// A node other than `node` that has the key.
  std::optional<NodeIndex> find_other(const Bytes& key, NodeIndex node) const {
    const auto range = std::ranges::equal_range(entries_, text_view(key), {},
                                                [](const Entry& each) { return text_view(each.first); });
    for (const auto& [unused, other] : range) {
      if (other != node) return other;
    }
    return std::nullopt;
  }

 private:
  using Entry = std::pair<ByteView, NodeIndex>;
  std::vector<Entry> entries_;
  KeyPrints prints_;
};

}  // namespace

Result<void> check_keys_unique(const RatchetTree& tree, std::span<const NodeIndex> changed) {
  KeyIndex encryption, signature;
  for (const NodeIndex node : changed) {
    encryption.insert(tree.encryption_key(node), node);
    if (is_leaf(node)) signature.insert(tree.leaf(leaf_of(node))->signature_key, node);
  }
  encryption.sort();
  signature.sort();
  Result<void> unique;
  tree.for_each_encryption_key_like(encryption.prints(), [&](NodeIndex node) {
    const auto other = encryption.find_other(tree.encryption_key(node), node);
    if (!other || !unique) return;
    // RFC 9420 §7.3: unique among members; §12.4.3.1: and a parent's key is found nowhere else.
    const bool are_members = is_leaf(node) && is_leaf(*other);
    unique =
        are_members ? broken(Rule::member_encryption_keys_unique) : broken(Rule::tree_parent_keys_unique);
  });
  tree.for_each_signature_key_like(signature.prints(), [&](LeafIndex leaf) {
    if (unique && signature.find_other(tree.leaf(leaf)->signature_key, node_of(leaf)))
      unique = broken(Rule::member_signature_keys_unique);
  });
  return unique;
}

Result<void> check_credential_types(const RatchetTree& tree) {
  // RFC 9420 §7.3: the type of each member's credential is supported by all members.
  return require(tree.credential_types_supported(), Rule::credential_types_supported);
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
