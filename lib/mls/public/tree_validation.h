// What must hold between the nodes of a ratchet tree (RFC 9420 §7.3, §12.4.3.1). The checks are linear in the
// tree.
#pragma once

#include "lib/mls/public/leaf_validation.h"
#include "lib/mls/public/ratchet_tree.h"

namespace wardline::mls {

/// §12.4.3.1, "verify the integrity of the ratchet tree": everything, for who joins or starts to follow a
/// group.
Result<void> validate_tree(RatchetTree& tree, const GroupContext& context, const GroupParameters& parameters,
                           const Validation& validation);

/// The keys of `changed` nodes, none blank, occur in no other node (member_*_keys_unique,
/// tree_parent_keys_unique).
Result<void> check_keys_unique(const RatchetTree& tree, std::span<const NodeIndex> changed);

/// Each member supports the credential type of each other (credential_types_supported).
Result<void> check_credential_types(const RatchetTree& tree);

}  // namespace wardline::mls
