#include "lib/mls/member/own_path.h"

#include <algorithm>

#include "lib/mls/member/encryption.h"
#include "lib/mls/member/key_package_bundle.h"

namespace wardline::mls {

Result<OwnPath> OwnPath::create(RatchetTree& tree, LeafIndex own, LeafNode leaf, const crypto::Signer& signer,
                                const GroupId& group_id) {
  const Suite& suite = tree.suite();
  auto leaf_key = crypto::HpkePrivateKey::generate(suite);
  if (!leaf_key) return broken(Rule::provider_available);
  leaf.encryption_key = leaf_key->public_key();
  leaf.signature_key = signer.public_key();
  leaf.source = LeafNodeSource::commit;
  leaf.lifetime = {};  // Not on the wire of such a leaf: the value must equal what others decode.

  OwnPath path(PrivateTree(own, std::move(*leaf_key)), tree.filtered_direct_path(own));
  std::vector<HpkePublicKey> public_keys;
  path.secrets_.push_back(PathSecret::random(suite));
  for (const PathStep& step : path.steps_) {
    auto key = path.secrets_.back().node_key(suite);
    if (!key) return broken(Rule::provider_available);
    public_keys.push_back(key->public_key());
    path.private_tree_.set(step.node, std::move(*key));
    path.secrets_.push_back(path.secrets_.back().next(suite));
  }
  leaf.parent_hash = tree.set_path(own, public_keys);
  WARDLINE_MLS_TRY(sign_leaf(leaf, signer, group_id, own));
  tree.set_leaf(own, std::move(leaf));
  return path;
}

Result<UpdatePath> OwnPath::seal(const RatchetTree& tree, std::span<const LeafIndex> added,
                                 ByteView context) const {
  UpdatePath path{*tree.leaf(private_tree_.own()), {}};
  const LabeledEncryption encryption(tree.suite(), kUpdatePathNodeLabel, context);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    UpdatePathNode& node = path.nodes.emplace_back();
    node.encryption_key = tree.encryption_key(steps_[i].node);
    for (const NodeIndex recipient : tree.resolution(steps_[i].copath_child, added)) {
      auto sealed = encryption.encrypt(tree.encryption_key(recipient), secrets_[i].value.view());
      if (!sealed) return broken(Rule::provider_available);
      node.encrypted_path_secret.push_back(std::move(*sealed));
    }
  }
  return path;
}

const PathSecret* OwnPath::secret_for(LeafIndex new_member) const {
  const auto step =
      std::ranges::find_if(steps_, [&](const PathStep& each) { return is_below(new_member, each.node); });
  return step == steps_.end() ? nullptr : &secrets_[static_cast<std::size_t>(step - steps_.begin())];
}

}  // namespace wardline::mls
