// The ratchet tree (RFC 9420 §4.1, §7): who is in the group and which public keys reach whom. A value: copies
// share their nodes, so that a commit is staged on a copy and costs what it changes, not what the group is
// wide.
//
// The operations keep the tree well-formed; they do not validate what is put in (leaf_validation.h,
// tree_validation.h).
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <span>

#include "lib/crypto/signature.h"
#include "lib/mls/public/error.h"
#include "lib/mls/public/limits.h"
#include "lib/mls/public/ratchet_tree_wire.h"
#include "lib/mls/public/shared_array.h"
#include "lib/mls/public/tree_math.h"

namespace wardline::mls {

/// One step of a filtered direct path (§4.1.2): a node that gets a new key, and its child to which the secret
/// is sealed.
struct PathStep {
  NodeIndex node;
  NodeIndex copath_child;
  bool operator==(const PathStep&) const = default;
};

/// The first bytes of a public key. Keys with different prints differ, so that a search through a tree looks
/// at few keys in full. Whoever makes a key chooses its print: equal prints mean nothing.
using KeyPrint = std::uint32_t;
KeyPrint print_of(ByteView public_key);

/// A set of prints that may take others for its own.
class KeyPrints {
 public:
  void insert(KeyPrint print) { bits_.set(print % bits_.size()); }
  bool may_contain(KeyPrint print) const { return bits_.test(print % bits_.size()); }

 private:
  std::bitset<4096> bits_;
};

class RatchetTree {
 public:
  /// One blank leaf.
  explicit RatchetTree(const Suite& suite);

  /// The tree of a group that has a single member (§11).
  static RatchetTree of_creator(const Suite& suite, LeafNode creator);
  /// Checks the shape only (tree_size, tree_ends_with_node, tree_node_types).
  static Result<RatchetTree> from_wire(const Suite& suite, RatchetTreeWire wire, const Limits& limits);
  RatchetTreeWire to_wire() const;
  /// What encoding `to_wire()` gives, without copying the nodes first.
  void write_wire(tls::Writer& out) const;
  Bytes encode_wire() const;

  const Suite& suite() const { return *suite_; }
  /// Width: members and blank leaves, a power of two.
  std::uint32_t leaf_count() const { return static_cast<std::uint32_t>((slots_.size() + 1) / 2); }
  NodeIndex root() const { return root_of(leaf_count()); }
  bool contains(NodeIndex node) const { return node.value < slots_.size(); }

  /// nullptr if the node is blank or outside of the tree.
  const LeafNode* leaf(LeafIndex index) const;
  const ParentNode* parent(NodeIndex node) const;
  bool is_blank(NodeIndex node) const;
  /// The key of a node that is not blank.
  const HpkePublicKey& encryption_key(NodeIndex node) const;
  /// Calls `visit(NodeIndex)` for every node whose encryption key may be among those of `prints`.
  template <class Visit>
  void for_each_encryption_key_like(const KeyPrints& prints, const Visit& visit) const {
    encryption_prints_.for_each([&](std::size_t i, KeyPrint print) {
      const NodeIndex node{static_cast<std::uint32_t>(i)};
      if (prints.may_contain(print) && !is_blank(node)) visit(node);
    });
  }
  /// Calls `visit(LeafIndex)` for every member whose signature key may be among those of `prints`.
  template <class Visit>
  void for_each_signature_key_like(const KeyPrints& prints, const Visit& visit) const {
    signature_prints_.for_each([&](std::size_t i, KeyPrint print) {
      const LeafIndex index{static_cast<std::uint32_t>(i)};
      if (prints.may_contain(print) && leaf(index)) visit(index);
    });
  }
  /// The parsed signature key of a member: the one that is kept, or parsed now.
  crypto::Result<crypto::VerificationKey> signature_key(LeafIndex index) const;
  /// Keeps the parsed key of a member's current leaf for later. It takes more memory than everything else of
  /// the leaf: for those who send.
  void keep_signature_key(LeafIndex index, crypto::VerificationKey key);

  /// Calls `visit(LeafIndex, const LeafNode&)` for every member from the left.
  template <class Visit>
  void for_each_member(const Visit& visit) const {
    for (std::uint32_t i = 0; i < leaf_count(); ++i) {
      if (const LeafNode* node = leaf({i})) visit(LeafIndex{i}, *node);
    }
  }
  std::uint32_t member_count() const { return member_count_; }
  /// §7.3: whether the type of each member's credential is among those that every member supports.
  bool credential_types_supported() const;
  /// The member whose leaf node has this signature key (§7.3: at most one).
  std::optional<LeafIndex> find_member(const SignaturePublicKey& signature_key) const;

  /// §4.1.1. `except`: leaves left out, ascending (§7.6: those added by the same commit).
  std::vector<NodeIndex> resolution(NodeIndex node, std::span<const LeafIndex> except = {}) const;
  bool is_resolution_empty(NodeIndex node) const;
  /// §4.1.2: the direct path without nodes whose copath child has an empty resolution, from the leaf up.
  std::vector<PathStep> filtered_direct_path(LeafIndex index) const;
  /// Where the next member goes: the leftmost blank leaf, or the first one past the width.
  LeafIndex next_free_leaf() const;

  /// §12.1.1: puts the leaf at `next_free_leaf()`, widening the tree if there is none, and marks it unmerged
  /// above.
  LeafIndex add(LeafNode leaf);
  /// §12.1.2: replaces a member's leaf and blanks its direct path. `key`, here and below: the leaf's
  /// signature key, to be kept.
  void update(LeafIndex index, LeafNode leaf, std::optional<crypto::VerificationKey> key = {});
  /// §12.1.3: blanks a member's leaf and direct path, and truncates the tree.
  void remove(LeafIndex index);
  /// §12.4.2, external commits: makes `next_free_leaf()` part of the tree, still blank, for the joiner to
  /// take with `set_path` and `set_leaf`. Unlike an added leaf it is unmerged nowhere.
  LeafIndex reserve_leaf();
  /// §7.5: blanks the direct path, puts `keys` on the filtered direct path (one each), and computes their
  /// parent hashes. Returns the parent hash that belongs into the leaf; empty if the path is.
  Bytes set_path(LeafIndex index, std::span<const HpkePublicKey> keys);
  /// Replaces or sets a leaf and nothing else.
  void set_leaf(LeafIndex index, LeafNode leaf, std::optional<crypto::VerificationKey> key = {});
  /// The leaf as it was in a past epoch, maybe blank, for messages of that time; the nodes above stay those
  /// of today.
  void put_back(LeafIndex index, std::optional<LeafNode> leaf);

  /// §7.8 tree hash of the whole tree. Recomputes what changed since the last call. The view lasts until the
  /// next change.
  ByteView tree_hash() { return node_hash(root()); }
  /// §7.8 tree hash of one subtree.
  ByteView node_hash(NodeIndex node);
  /// §7.9: tree hash of a subtree as it was before the leaves `without` (ascending) were added.
  Bytes original_node_hash(NodeIndex node, std::span<const LeafIndex> without);
  /// §7.9 "parent hash of P with copath child S". `parent` is not blank and above `sibling`.
  Bytes parent_hash(NodeIndex parent, NodeIndex sibling);
  /// §7.9.2, on joining: tree_parent_hashes.
  Result<void> verify_parent_hashes();

  bool operator==(const RatchetTree& other) const;

 private:
  /// A tree hash in place. Empty: to be computed, and then so are those of all nodes above.
  struct Digest {
    std::array<std::uint8_t, 64> bytes{};
    std::uint8_t size = 0;
    ByteView view() const { return {bytes.data(), size}; }
  };
  // What the pointers lead to never changes and is shared by the copies of a tree.
  struct Slot {
    std::shared_ptr<const LeafNode> leaf;
    std::shared_ptr<const crypto::VerificationKey> key;
    std::shared_ptr<const ParentNode> parent;
    Digest hash;
  };
  /// Members whose credential is of a type of RFC 9420, and members that support the type.
  struct CredentialCount {
    CredentialType type;
    std::uint32_t used = 0;
    std::uint32_t supported = 0;
  };

  /// The number of nodes up to the last one that is not blank.
  std::uint32_t wire_size() const;
  void resize(std::uint32_t leaf_count);
  void blank_path(LeafIndex index);
  void put_leaf(LeafIndex index, std::shared_ptr<const LeafNode> leaf);
  void count_member(const LeafNode& leaf, int change);
  void set_parent(NodeIndex node, std::shared_ptr<const ParentNode> parent);
  void forget_hashes_above(LeafIndex index);
  void widen();
  void truncate();
  void collect_resolution(NodeIndex node, std::vector<NodeIndex>& out) const;
  std::optional<NodeIndex> chained_node(NodeIndex parent, NodeIndex child) const;
  bool is_chained(NodeIndex parent, NodeIndex child, NodeIndex sibling);

  const Suite* suite_;
  SharedArray<Slot> slots_;
  // Close together, and not in the slots: each commit is held against the prints of all nodes. Of a blank
  // node, 0.
  SharedArray<KeyPrint, 128> encryption_prints_, signature_prints_;
  std::uint32_t first_blank_ = 0;  // No leaf left of it is blank.
  std::uint32_t member_count_ = 0;
  std::array<CredentialCount, 2> credentials_ = {{{CredentialType::basic}, {CredentialType::x509}}};
  std::uint32_t other_credentials_ = 0;  // Members whose credential is of another type.
};

}  // namespace wardline::mls
