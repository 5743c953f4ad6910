// RFC 9420 Appendix C (tree math), §7.7 (tree operations), §4.1.1, §7.3, §7.8, §7.9 (tree validation).
#include "lib/mls/public/proposal.h"
#include "lib/mls/public/tree_validation.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

using namespace mls;

/// The credentials in the vectors are nobody's.
class AcceptAnybody final : public CredentialValidator {
  bool accepts(const Credential&, const SignaturePublicKey&, CredentialRole) const override { return true; }
  bool accepts_successor(const Credential&, const Credential&) const override { return true; }
};

void expect_node(std::string_view what, const boost::json::value& want, bool exists, NodeIndex got) {
  expect(what, want.is_null() == !exists);
  if (exists) expect_equal(what, got.value, want.to_number<std::uint64_t>());
}

RatchetTree read_tree(const Case& a_case, std::string_view key) {
  auto wire = require(key, tls::decode<RatchetTreeWire>(a_case.bytes(key)));
  return require(key, RatchetTree::from_wire(a_case.suite(), std::move(wire), Limits{}));
}

void apply_operation(RatchetTree& tree, const Proposal& proposal, LeafIndex sender) {
  if (const auto* add = proposal.as<Add>()) tree.add(add->key_package.leaf_node);
  if (const auto* update = proposal.as<Update>()) tree.update(sender, update->leaf_node);
  if (const auto* remove = proposal.as<Remove>()) tree.remove(remove->removed);
}

void expect_resolution(const RatchetTree& tree, NodeIndex node, const boost::json::value& want) {
  const auto got = tree.resolution(node);
  const auto& list = want.as_array();
  expect_equal("size of a resolution", got.size(), list.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    expect_equal("node of a resolution", got[i].value, list[i].to_number<std::uint64_t>());
  }
}

}  // namespace

void check_tree_math(const Case& a_case) {
  const auto leaf_count = static_cast<std::uint32_t>(a_case.number("n_leaves"));
  expect_equal("n_nodes", node_count(leaf_count), a_case.number("n_nodes"));
  const NodeIndex root = root_of(leaf_count);
  expect_equal("root", root.value, a_case.number("root"));
  for (std::uint32_t i = 0; i < node_count(leaf_count); ++i) {
    const NodeIndex node{i};
    expect_node("left", a_case.array("left")[i], !is_leaf(node), is_leaf(node) ? node : left_of(node));
    expect_node("right", a_case.array("right")[i], !is_leaf(node), is_leaf(node) ? node : right_of(node));
    expect_node("parent", a_case.array("parent")[i], node != root, parent_of(node));
    expect_node("sibling", a_case.array("sibling")[i], node != root, sibling_of(node));
  }
}

void check_tree_operations(const Case& a_case) {
  RatchetTree tree = read_tree(a_case, "tree_before");
  expect_equal("tree_hash_before", tree.tree_hash(), a_case.bytes("tree_hash_before"));
  const auto proposal = require("proposal", tls::decode<Proposal>(a_case.bytes("proposal")));
  apply_operation(tree, proposal, {static_cast<std::uint32_t>(a_case.number("proposal_sender"))});
  expect_equal("tree_after", tls::encode(tree.to_wire()), a_case.bytes("tree_after"));
  expect_equal("tree_hash_after", tree.tree_hash(), a_case.bytes("tree_hash_after"));
}

void check_tree_validation(const Case& a_case) {
  RatchetTree tree = read_tree(a_case, "tree");
  const auto& resolutions = a_case.array("resolutions");
  const auto hashes = a_case.byte_list("tree_hashes");
  expect_equal("nodes", node_count(tree.leaf_count()), resolutions.size());
  for (std::uint32_t i = 0; i < resolutions.size(); ++i) {
    expect_resolution(tree, {i}, resolutions[i]);
    expect_equal("tree hash of a node", tree.node_hash({i}), hashes[i]);
  }
  GroupContext context;
  context.cipher_suite = a_case.suite().id;
  context.group_id = a_case.bytes("group_id");
  context.tree_hash = to_bytes(tree.tree_hash());
  const auto parameters =
      require("parameters", GroupParameters::create(context.version, context.cipher_suite));
  const AcceptAnybody anybody;
  require("integrity of the tree",
          validate_tree(tree, context, parameters, {.credentials = anybody, .lifetimes = {}}));
}

}  // namespace wardline::mls_vectors
