// The path that a committer makes (RFC 9420 §7.4–§7.6): fresh keys from its leaf to the root, each sealed to
// who needs it.
#pragma once

#include "lib/mls/member/private_tree.h"
#include "lib/mls/public/group_info.h"

namespace wardline::mls {

class OwnPath {
 public:
  /// Makes the keys and puts their public halves into `tree`, the tree with the commit's proposals applied.
  /// `leaf` is what the committer's leaf shall say; its keys, parent hash and signature are set here.
  static Result<OwnPath> create(RatchetTree& tree, LeafIndex own, LeafNode leaf, const crypto::Signer& signer,
                                const GroupId& group_id);

  /// §7.6: seals the path secrets under the encoded provisional GroupContext. `added` as in
  /// PrivateTree::open_path.
  Result<UpdatePath> seal(const RatchetTree& tree, std::span<const LeafIndex> added, ByteView context) const;

  /// §12.4.3.1: the path secret of the lowest common ancestor with a new member.
  const PathSecret* secret_for(LeafIndex new_member) const;
  const PathSecret& commit_secret() const { return secrets_.back(); }
  /// The private keys that this member has once the commit is accepted.
  const PrivateTree& private_tree() const { return private_tree_; }

 private:
  OwnPath(PrivateTree private_tree, std::vector<PathStep> steps)
      : private_tree_(std::move(private_tree)), steps_(std::move(steps)) {}

  PrivateTree private_tree_;
  std::vector<PathStep> steps_;
  std::vector<PathSecret> secrets_;  // One per step, then the commit secret.
};

}  // namespace wardline::mls
