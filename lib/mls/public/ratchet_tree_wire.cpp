#include "lib/mls/public/ratchet_tree_wire.h"

namespace wardline::mls {
namespace {
enum class NodeType : std::uint8_t { leaf = 1, parent = 2 };
}

void Node::tls_write(tls::Writer& out) const {
  tls::write(out, std::holds_alternative<LeafNode>(value) ? NodeType::leaf : NodeType::parent);
  std::visit([&](const auto& node) { tls::write(out, node); }, value);
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
