// RFC 9420 §7.4–§7.6: update paths, opened by every member, and made by every sender.
#include "lib/mls/member/own_path.h"
#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

using namespace mls;

struct Member {
  PrivateTree private_tree;
  crypto::SigningKey signer;
};

struct TreeKemCase {
  const Case& fields;
  const Suite& suite = fields.suite();
  RatchetTree tree = require(
      "ratchet_tree",
      RatchetTree::from_wire(
          suite, require("ratchet_tree", tls::decode<RatchetTreeWire>(fields.bytes("ratchet_tree"))), {}));
  std::map<LeafIndex, Member> members = read_members();

  std::map<LeafIndex, Member> read_members() const {
    std::map<LeafIndex, Member> all;
    for (const Case& leaf : fields.objects("leaves_private")) {
      const LeafIndex index{static_cast<std::uint32_t>(leaf.number("index"))};
      PrivateTree keys(index, require("encryption_priv", crypto::HpkePrivateKey::from_raw(
                                                             suite, leaf.bytes("encryption_priv"))));
      expect_equal("leaf key", keys.leaf_key().public_key(), tree.encryption_key(node_of(index)));
      for (const Case& known : leaf.objects("path_secrets")) {
        const NodeIndex node{static_cast<std::uint32_t>(known.number("node"))};
        auto key = require("node key", PathSecret{SecretBytes(known.bytes("path_secret"))}.node_key(suite));
        expect_equal("key of node " + std::to_string(node.value), key.public_key(),
                     tree.encryption_key(node));
        keys.set(node, std::move(key));
      }
      all.emplace(index, Member{std::move(keys), leaf.signing_key(suite, "signature_priv")});
    }
    return all;
  }

  Bytes context_of(ByteView tree_hash) const {
    GroupContext context;
    context.cipher_suite = suite.id;
    context.group_id = fields.bytes("group_id");
    context.epoch = fields.number("epoch");
    context.tree_hash = to_bytes(tree_hash);
    context.confirmed_transcript_hash = fields.bytes("confirmed_transcript_hash");
    return tls::encode(context);
  }

  /// Everybody but the sender opens `path`; `check_secret(leaf, member's private tree)` sees what each has
  /// learnt.
  void expect_all_open(RatchetTree& after, LeafIndex sender, const UpdatePath& path,
                       ByteView commit_secret) const {
    const Bytes context = context_of(after.tree_hash());
    for (const auto& [index, member] : members) {
      if (index == sender) continue;
      PrivateTree keys = member.private_tree;
      const auto secret = require("path opened by leaf " + std::to_string(index.value),
                                  keys.open_path(after, sender, path, {}, context));
      expect_equal("commit_secret of leaf " + std::to_string(index.value), secret.value.view(),
                   commit_secret);
    }
  }

  void check_path_secrets(const RatchetTree& after, LeafIndex sender, const boost::json::array& secrets,
                          ByteView commit_secret) const {
    for (const auto& [index, member] : members) {
      if (index == sender || secrets[index.value].is_null()) continue;
      PrivateTree keys = member.private_tree;
      const auto secret =
          require("path secret", keys.implant(after, sender, {SecretBytes(bytes_of(secrets[index.value]))}));
      expect_equal("commit_secret from the path secret", secret.value.view(), commit_secret);
    }
  }

  void check_theirs(const Case& update) const {
    const LeafIndex sender{static_cast<std::uint32_t>(update.number("sender"))};
    const auto path = require("update_path", tls::decode<UpdatePath>(update.bytes("update_path")));
    RatchetTree after = tree;
    std::vector<HpkePublicKey> keys;
    for (const auto& node : path.nodes) keys.push_back(node.encryption_key);
    expect_equal("path length", keys.size(), after.filtered_direct_path(sender).size());
    expect_equal("parent_hash", after.set_path(sender, keys), path.leaf_node.parent_hash);
    after.set_leaf(sender, path.leaf_node);
    expect_equal("tree_hash_after", after.tree_hash(), update.bytes("tree_hash_after"));
    expect_all_open(after, sender, path, update.bytes("commit_secret"));
    check_path_secrets(after, sender, update.array("path_secrets"), update.bytes("commit_secret"));
  }

  void check_ours(LeafIndex sender) const {
    RatchetTree after = tree;
    const Member& member = members.at(sender);
    const auto own = require("own path", OwnPath::create(after, sender, *after.leaf(sender), member.signer,
                                                         fields.bytes("group_id")));
    const auto path = require("sealing", own.seal(after, {}, context_of(after.tree_hash())));
    expect_all_open(after, sender, path, own.commit_secret().value.view());
  }
};

}  // namespace

void check_treekem(const Case& a_case) {
  const TreeKemCase group{a_case};
  for (const Case& update : a_case.objects("update_paths")) {
    group.check_theirs(update);
    group.check_ours({static_cast<std::uint32_t>(update.number("sender"))});
  }
}

}  // namespace wardline::mls_vectors
