// Commits (RFC 9420 §12.4) and the path of new keys that most of them carry (§7.6).
#pragma once

#include "lib/mls/public/proposal.h"

namespace wardline::mls {

struct UpdatePathNode {
  HpkePublicKey encryption_key;
  std::vector<HpkeCiphertext> encrypted_path_secret;
  bool operator==(const UpdatePathNode&) const = default;
  WARDLINE_TLS_FIELDS(encryption_key, encrypted_path_secret)
};

struct UpdatePath {
  LeafNode leaf_node;
  std::vector<UpdatePathNode> nodes;  ///< along the filtered direct path, from the leaf to the root
  bool operator==(const UpdatePath&) const = default;
  WARDLINE_TLS_FIELDS(leaf_node, nodes)
};

/// A proposal by value, or the reference of one that was sent before.
struct ProposalOrRef {
  std::variant<Proposal, ProposalRef> value;
  bool operator==(const ProposalOrRef&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
  bool operator==(const Commit&) const = default;
  WARDLINE_TLS_FIELDS(proposals, path)
};

}  // namespace wardline::mls
