// A member's own part of the ratchet tree (RFC 9420 §4.2): the private keys of its leaf and of nodes above
// it.
#pragma once

#include <map>

#include "lib/mls/member/path_secret.h"
#include "lib/mls/public/commit.h"
#include "lib/mls/public/ratchet_tree.h"

namespace wardline::mls {

class PrivateTree {
 public:
  PrivateTree(LeafIndex own, crypto::HpkePrivateKey leaf_key);

  LeafIndex own() const { return own_; }
  const crypto::HpkePrivateKey& leaf_key() const { return *find(node_of(own_)); }
  void set_leaf_key(crypto::HpkePrivateKey key);
  /// nullptr for a node whose key this member does not have.
  const crypto::HpkePrivateKey* find(NodeIndex node) const;
  void set(NodeIndex node, crypto::HpkePrivateKey key);

  /// §7.5: opens the path that `sender` sent. `tree` is the new tree, path included; `added` are the leaves
  /// that the same commit added, ascending; `context` is the encoded provisional GroupContext. Takes over the
  /// keys of the nodes that both have in common and returns the commit secret.
  Result<PathSecret> open_path(const RatchetTree& tree, LeafIndex sender, const UpdatePath& path,
                               std::span<const LeafIndex> added, ByteView context);

  /// §12.4.3.1: takes over the keys that follow from the path secret of the lowest common ancestor with
  /// `sender`, and returns the commit secret. Each key must be the one in the tree (§7.5).
  Result<PathSecret> implant(const RatchetTree& tree, LeafIndex sender, PathSecret secret);

  /// §7.5, §12.1: deletes the keys of nodes that are blank by now or have got another key.
  void forget_stale(const RatchetTree& tree);

  std::size_t key_count() const { return keys_.size(); }

  /// For sealed storage only.
  void write(tls::Writer& out) const;
  static Result<PrivateTree> read(const Suite& suite, tls::Reader& in);

 private:
  /// The own key of `node` if it is the one in the tree.
  const crypto::HpkePrivateKey* find_current(const RatchetTree& tree, NodeIndex node) const;

  LeafIndex own_;
  // Shared: the state before a commit and the one after it have most keys in common. The own leaf's is always
  // there.
  std::map<NodeIndex, std::shared_ptr<const crypto::HpkePrivateKey>> keys_;
};

}  // namespace wardline::mls
