// Validation of leaf nodes (RFC 9420 §7.3) and key packages (§10.1), each on its own. What holds between the
// leaves of a tree is in tree_validation.h.
#pragma once

#include "lib/crypto/signature.h"
#include "lib/mls/public/group_parameters.h"
#include "lib/mls/public/key_package.h"

namespace wardline::mls {

/// Where a leaf node stands that is validated.
enum class LeafPlace : std::uint8_t {
  key_package,      ///< in a key package, or in the Add that carries it
  update,           ///< in an Update proposal
  commit,           ///< in the UpdatePath of a member's commit
  external_commit,  ///< in the UpdatePath of an external commit
  tree,             ///< in the tree of a group that is joined or followed
};

struct LeafContext {
  LeafPlace place = LeafPlace::tree;
  ByteView group_id;                   ///< bound into the signature of leaves made in a group
  LeafIndex index;                     ///< likewise
  const LeafNode* replaced = nullptr;  ///< the leaf that this one takes over from, if any
  /// The signature key of whoever sent the leaf: if it is the leaf's, parsing it again is saved.
  const crypto::VerificationKey* known_key = nullptr;
};

/// Returns the parsed signature key, for the tree to keep.
Result<crypto::VerificationKey> validate_leaf(const LeafNode& leaf, const LeafContext& context,
                                              const GroupParameters& parameters,
                                              const Validation& validation);

/// Validates a key package for a group with these parameters.
Result<void> validate_key_package(const KeyPackage& key_package, const GroupParameters& parameters,
                                  const Validation& validation);

/// §5.3: the certificate of an x509 credential certifies `key`. Other types of credential pass.
Result<void> check_certificate_key(const Credential& credential, const SignaturePublicKey& key);

}  // namespace wardline::mls
