// All that a member has at one epoch: what everybody sees of the group, and the secrets.
#pragma once

#include "lib/mls/member/key_schedule.h"
#include "lib/mls/member/private_tree.h"
#include "lib/mls/member/psk.h"
#include "lib/mls/member/secret_tree.h"
#include "lib/mls/public/public_state.h"

namespace wardline::mls {

struct MemberState {
  PublicState group;
  PrivateTree private_tree;
  EpochSecrets secrets;  ///< without the encryption secret: `keys` has taken that over
  SecretTree keys;

  const Suite& suite() const { return group.suite(); }
  Epoch epoch() const { return group.context.epoch; }
  LeafIndex own() const { return private_tree.own(); }
  const LeafNode& own_leaf() const { return *group.tree.leaf(own()); }
};

/// What a commit or a Welcome brings into the key schedule of the epoch that begins.
struct EpochEntry {
  JoinerSecret joiner;
  SecretBytes psk_secret;
};

/// RFC 9420 §8 Figure 22: the entry of an epoch that a commit opens. `context` is that of the new epoch.
EpochEntry enter_by_commit(const Suite& suite, ByteView init_secret, const PathSecret& commit_secret,
                           std::span<const Psk> psks, const GroupContext& context);

/// The commit secret of a commit without path: zeros.
PathSecret no_commit_secret(const Suite& suite);

/// Puts a state together. The confirmation tag is computed and set, and with it the interim transcript hash
/// (§8.2): for whoever made the commit.
MemberState begin_epoch(PublicState group, PrivateTree private_tree, EpochSecrets secrets);
/// The same for whoever received it: `Rule::confirmation_tag` unless the tag in `group` is the one of these
/// secrets.
Result<MemberState> confirm_epoch(PublicState group, PrivateTree private_tree, const EpochEntry& entry);

}  // namespace wardline::mls
