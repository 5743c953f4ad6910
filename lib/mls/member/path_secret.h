// Path secrets (RFC 9420 §7.4): one per node of a committer's path, each leading to the next and to its
// node's key pair.
#pragma once

#include "lib/crypto/hpke.h"
#include "lib/mls/public/types.h"

namespace wardline::mls {

/// The path secret of a node. A type of its own, so that no other secret is taken for it.
struct PathSecret {
  SecretBytes value;

  static PathSecret random(const Suite& suite);
  /// §7.4: that of the next node of the filtered direct path; after the last one, the commit secret.
  PathSecret next(const Suite& suite) const;
  /// §7.4: the key pair of the node itself.
  crypto::Result<crypto::HpkePrivateKey> node_key(const Suite& suite) const;
};

}  // namespace wardline::mls
