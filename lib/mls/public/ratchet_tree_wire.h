// The wire form of the ratchet tree (RFC 9420 §7.1, §12.4.3.3).
#pragma once

#include <variant>

#include "lib/mls/public/leaf_node.h"

namespace wardline::mls {

struct ParentNode {
  HpkePublicKey encryption_key;
  Bytes parent_hash;
  std::vector<LeafIndex> unmerged_leaves;  ///< ascending
  bool operator==(const ParentNode&) const = default;
  WARDLINE_TLS_FIELDS(encryption_key, parent_hash, unmerged_leaves)
};

struct Node {
  std::variant<LeafNode, ParentNode> value;
  bool operator==(const Node&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

/// §7.8: what a Node is on the wire.
void write_node(tls::Writer& out, const LeafNode& leaf);
void write_node(tls::Writer& out, const ParentNode& parent);

/// The content of the ratchet_tree extension, and how a tree travels beside a Welcome or GroupInfo. Blank
/// nodes at the right end are left out.
struct RatchetTreeWire {
  static constexpr ExtensionType kType = ExtensionType::ratchet_tree;
  std::vector<std::optional<Node>> nodes;
  bool operator==(const RatchetTreeWire&) const = default;
  WARDLINE_TLS_FIELDS(nodes)
};

}  // namespace wardline::mls
