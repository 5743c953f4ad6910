#include "lib/mls/public/ratchet_tree_wire.h"

namespace wardline::mls {
namespace {
enum class NodeType : std::uint8_t { leaf = 1, parent = 2 };
}

void write_node(tls::Writer& out, const LeafNode& leaf) {
  tls::write(out, NodeType::leaf);
  tls::write(out, leaf);
}

void write_node(tls::Writer& out, const ParentNode& parent) {
  tls::write(out, NodeType::parent);
  tls::write(out, parent);
}

void Node::tls_write(tls::Writer& out) const {
  std::visit([&](const auto& node) { write_node(out, node); }, value);
}

void Node::tls_read(tls::Reader& in) {
  NodeType type{};
  tls::read(in, type);
  switch (type) {
    case NodeType::leaf:
      return tls::read(in, value.emplace<LeafNode>());
    case NodeType::parent:
      return tls::read(in, value.emplace<ParentNode>());
  }
  in.fail(tls::Error::invalid_value);
}

}  // namespace wardline::mls
