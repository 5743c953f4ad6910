#include "lib/mls/member/private_tree.h"

#include <algorithm>

#include "lib/mls/member/encryption.h"

namespace wardline::mls {

PrivateTree::PrivateTree(LeafIndex own, crypto::HpkePrivateKey leaf_key) : own_(own) {
  set_leaf_key(std::move(leaf_key));
}

void PrivateTree::set_leaf_key(crypto::HpkePrivateKey key) { set(node_of(own_), std::move(key)); }

void PrivateTree::set(NodeIndex node, crypto::HpkePrivateKey key) {
  keys_.insert_or_assign(node, std::make_shared<const crypto::HpkePrivateKey>(std::move(key)));
}

const crypto::HpkePrivateKey* PrivateTree::find(NodeIndex node) const {
  const auto found = keys_.find(node);
  return found == keys_.end() ? nullptr : found->second.get();
}

const crypto::HpkePrivateKey* PrivateTree::find_current(const RatchetTree& tree, NodeIndex node) const {
  const crypto::HpkePrivateKey* key = find(node);
  return key && key->public_key() == tree.encryption_key(node) ? key : nullptr;
}

Result<PathSecret> PrivateTree::open_path(const RatchetTree& tree, LeafIndex sender, const UpdatePath& path,
                                          std::span<const LeafIndex> added, ByteView context) {
  const std::vector<PathStep> steps = tree.filtered_direct_path(sender);
  // Only one node of the path is sealed to this member, and of its ciphertexts only one is opened.
  const crypto::HpkePrivateKey* key = nullptr;
  const HpkeCiphertext* sealed = nullptr;
  for (std::size_t i = 0; i < steps.size() && !key; ++i) {
    if (!is_below(own_, steps[i].copath_child)) continue;
    const std::vector<NodeIndex> recipients = tree.resolution(steps[i].copath_child, added);
    const auto& ciphertexts = path.nodes[i].encrypted_path_secret;
    for (std::size_t k = 0; k < recipients.size() && k < ciphertexts.size() && !key; ++k) {
      key = find_current(tree, recipients[k]);
      sealed = &ciphertexts[k];
    }
  }
  if (!key) return broken(Rule::path_secret_for_member);
  auto secret = decrypt_with_label(tree.suite(), *key, kUpdatePathNodeLabel, context, *sealed);
  if (!secret) return broken(Rule::path_secret_opens);
  return implant(tree, sender, PathSecret{std::move(*secret)});
}

Result<PathSecret> PrivateTree::implant(const RatchetTree& tree, LeafIndex sender, PathSecret secret) {
  for (const PathStep& step : tree.filtered_direct_path(sender)) {
    if (!is_below(own_, step.node)) continue;
    auto key = secret.node_key(tree.suite());
    if (!key) return broken(Rule::provider_available);
    if (tree.is_blank(step.node) || key->public_key() != tree.encryption_key(step.node)) {
      return broken(Rule::path_secret_matches);
    }
    set(step.node, std::move(*key));
    secret = secret.next(tree.suite());
  }
  return secret;
}

void PrivateTree::forget_stale(const RatchetTree& tree) {
  std::erase_if(keys_, [&](const auto& entry) {
    const auto& [node, key] = entry;
    if (node == node_of(own_)) return false;
    return tree.is_blank(node) || tree.encryption_key(node) != key->public_key();
  });
}

void PrivateTree::write(tls::Writer& out) const {
  tls::write(out, own_);
  out.vector([&](tls::Writer& inner) {
    const auto write_key = [&](NodeIndex node, const crypto::HpkePrivateKey& key) {
      tls::write(inner, node.value);
      tls::write(inner, key.to_raw());
    };
    write_key(node_of(own_), leaf_key());
    for (const auto& [node, key] : keys_) {
      if (node != node_of(own_)) write_key(node, *key);
    }
  });
}

Result<PrivateTree> PrivateTree::read(const Suite& suite, tls::Reader& in) {
  std::optional<PrivateTree> tree;
  LeafIndex own;
  tls::read(in, own);
  in.vector([&](tls::Reader& inner) {
    NodeIndex node;
    SecretBytes raw;
    tls::read(inner, node.value);
    tls::read(inner, raw);
    auto key = crypto::HpkePrivateKey::from_raw(suite, raw.view());
    if (!key) return inner.fail(tls::Error::invalid_value);
    // The leaf's key comes first.
    if (!tree) {
      tree = PrivateTree(own, std::move(*key));
    } else {
      tree->set(node, std::move(*key));
    }
  });
  if (!in.ok() || !tree) return broken(Rule::sealed_state_opens);
  return std::move(*tree);
}

}  // namespace wardline::mls
