// For tests: members without group secrets. They sign everything that PublicGroup can check, and put random
// bytes where only members could tell the difference (tags, ciphertexts). Nothing here asks the code under
// test whether a message is valid, so that broken ones can be made: each step can be altered before it is
// signed.
#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "lib/crypto/hpke.h"
#include "lib/crypto/random.h"
#include "lib/mls/public/labels.h"
#include "lib/mls/public/public_group.h"
#include "lib/mls/public/test_expectations.h"

namespace wardline::mls {

/// Accepts everybody except whom a test names.
class TestValidator final : public CredentialValidator {
 public:
  bool accepts(const Credential& credential, const SignaturePublicKey&, CredentialRole role) const override {
    return !refused.contains({tls::encode(credential), role});
  }
  bool accepts_successor(const Credential&, const Credential&) const override { return succession; }

  void refuse(const Credential& credential, CredentialRole role) {
    refused.insert({tls::encode(credential), role});
  }
  std::set<std::pair<Bytes, CredentialRole>> refused;
  bool succession = true;
};

/// An extension type that every test client supports, and one that none does.
inline constexpr auto kTestExtension = static_cast<ExtensionType>(0xF001);
inline constexpr auto kOddExtension = static_cast<ExtensionType>(0xF002);

struct TestClient {
  std::string name;
  crypto::SigningKey signing;
  Credential credential;
};

template <class T>
using Alter = std::function<void(T&)>;

template <class T>
void alter(const Alter<T>& change, T& value) {
  if (change) change(value);
}

/// What a commit is to contain, and where to spoil it.
struct CommitPlan {
  LeafIndex committer{};
  const TestClient* joiner = nullptr;  ///< set for an external commit
  std::vector<ProposalOrRef> proposals{};
  bool path = true;
  Alter<LeafNode> before_leaf_signature{};
  Alter<UpdatePath> path_keys{};  ///< before parent hashes are computed
  Alter<UpdatePath> finished_path{};
  Alter<FramedContent> content{};
  Alter<PublicMessage> message{};
};

class TestGroup {
 public:
  explicit TestGroup(std::uint32_t members = 1, CipherSuite id = CipherSuite::x25519_aes128gcm_sha256_ed25519)
      : suite(*crypto::find_suite(id)) {
    context.cipher_suite = id;
    context.group_id = to_bytes(as_bytes("test group"));
    context.epoch = 7;
    context.confirmed_transcript_hash = crypto::random_bytes(suite.hash_size);
    tree = std::make_unique<RatchetTree>(suite);
    for (std::uint32_t i = 0; i < members; ++i) {
      tree->add(make_leaf(client("member " + std::to_string(i)), LeafNodeSource::key_package, {i}));
    }
  }

  /// The client of this name; made at the first call.
  TestClient& client(const std::string& name) {
    for (auto& each : clients) {
      if (each->name == name) return *each;
    }
    auto signing = crypto::SigningKey::generate(suite.signature);
    return *clients.emplace_back(std::make_unique<TestClient>(name, std::move(signing.value()),
                                                              Credential::basic(to_bytes(as_bytes(name)))));
  }

  const TestClient& client_with(const SignaturePublicKey& key) const {
    for (const auto& each : clients) {
      if (each->signing.public_key() == key) return *each;
    }
    std::abort();  // A test that signs for somebody who does not exist.
  }

  HpkePublicKey fresh_key() const { return crypto::HpkePrivateKey::generate(suite)->public_key(); }

  void sign_leaf(LeafNode& leaf, const TestClient& signer, LeafIndex index) const {
    leaf.signature =
        *sign_with_label(signer.signing, kLeafNodeLabel, leaf.to_be_signed(context.group_id, index));
  }

  LeafNode make_leaf(const TestClient& of, LeafNodeSource source, LeafIndex index,
                     const Alter<LeafNode>& change = {}) const {
    LeafNode leaf;
    leaf.encryption_key = fresh_key();
    leaf.signature_key = of.signing.public_key();
    leaf.credential = of.credential;
    leaf.capabilities = {{ProtocolVersion::mls10},
                         {suite.id},
                         {kTestExtension},
                         {},
                         {CredentialType::basic, CredentialType::x509}};
    leaf.source = source;
    leaf.lifetime = {1000, 2000};
    alter(change, leaf);
    sign_leaf(leaf, of, index);
    return leaf;
  }

  void sign_key_package(KeyPackage& package, const TestClient& signer) const {
    package.signature = *sign_with_label(signer.signing, kKeyPackageLabel, package.to_be_signed());
  }

  KeyPackage make_key_package(const TestClient& of, const Alter<LeafNode>& leaf = {},
                              const Alter<KeyPackage>& change = {}) const {
    KeyPackage package;
    package.cipher_suite = suite.id;
    package.init_key = fresh_key();
    package.leaf_node = make_leaf(of, LeafNodeSource::key_package, {}, leaf);
    alter(change, package);
    sign_key_package(package, of);
    return package;
  }

  GroupInfo make_group_info(const Alter<GroupInfo>& change = {}, LeafIndex signer = {0}) const {
    GroupInfo info;
    info.group_context = context;
    RatchetTree copy = *tree;
    info.group_context.tree_hash = to_bytes(copy.tree_hash());
    info.confirmation_tag = group ? group->state().confirmation_tag : Bytes(suite.hash_size, 1);
    info.signer = signer;
    alter(change, info);
    const LeafNode* leaf = tree->leaf(info.signer);
    const TestClient& by = leaf ? client_with(leaf->signature_key) : *clients.front();
    info.signature = *sign_with_label(by.signing, kGroupInfoLabel, info.to_be_signed());
    return info;
  }

  Validation validation() const { return {*validator, lifetimes, limits}; }

  /// Begins to follow the group as it stands.
  Result<void> follow() {
    auto followed = PublicGroup::create(make_group_info(), tree->to_wire(), validation());
    if (!followed) return std::unexpected(followed.error());
    group.emplace(std::move(*followed));
    context = group->context();
    return {};
  }

  PublicMessage sign(FramedContent content, const crypto::SigningKey& key) const {
    PublicMessage message{std::move(content), {}, {}};
    const Bytes tbs = framed_content_tbs(WireFormat::public_message, message.content, tls::encode(context));
    message.auth.signature = *sign_with_label(key, kFramedContentLabel, tbs);
    if (message.content.content_type() == ContentType::commit)
      message.auth.confirmation_tag = crypto::random_bytes(suite.hash_size);
    if (message.content.sender.type == SenderType::member)
      message.membership_tag = crypto::random_bytes(suite.hash_size);
    return message;
  }

  /// Puts new keys on the path of a leaf, as an earlier commit would have.
  void rekey(LeafIndex leaf, std::vector<HpkePublicKey> keys = {}) {
    if (keys.empty()) {
      for (std::size_t i = tree->filtered_direct_path(leaf).size(); i-- > 0;) keys.push_back(fresh_key());
    }
    const TestClient& by = client_with(tree->leaf(leaf)->signature_key);
    const Bytes parent_hash = tree->set_path(leaf, keys);
    tree->set_leaf(leaf, make_leaf(by, LeafNodeSource::commit, leaf,
                                   [&](LeafNode& each) { each.parent_hash = parent_hash; }));
  }

  FramedContent frame(const Sender& sender, Content body) const {
    return {context.group_id, context.epoch, sender, {}, std::move(body)};
  }

  const crypto::SigningKey& key_of(LeafIndex leaf) const {
    return client_with(tree->leaf(leaf)->signature_key).signing;
  }

  PublicMessage make_proposal(LeafIndex sender, Proposal proposal) const {
    return sign(frame(Sender::member(sender), std::move(proposal)), key_of(sender));
  }
  PublicMessage make_update(LeafIndex sender, const Alter<LeafNode>& change = {}) const {
    const TestClient& of = client_with(tree->leaf(sender)->signature_key);
    return make_proposal(sender, {Update{make_leaf(of, LeafNodeSource::update, sender, change)}});
  }

  Result<ProposalRef> send(PublicMessage message) {
    auto verified = group->verify(ReceivedMessage(std::move(message)));
    if (!verified) return std::unexpected(verified.error());
    return group->add_proposal(*verified, validation());
  }
  Result<StagedCommit> stage_message(PublicMessage message) const {
    auto verified = group->verify(ReceivedMessage(std::move(message)));
    if (!verified) return std::unexpected(verified.error());
    return group->stage(*verified, validation());
  }
  Result<StagedCommit> stage(const CommitPlan& plan) const { return stage_message(make_commit(plan)); }
  void apply(StagedCommit staged) {
    if (!group->apply(std::move(staged))) std::abort();
    *tree = group->tree();
    context = group->context();
  }

  PublicMessage make_commit(const CommitPlan& plan) const {
    RatchetTree next = *tree;
    const auto added = apply_leniently(next, plan);
    Commit commit{plan.proposals, {}};
    if (plan.path) commit.path = make_path(next, plan, added);
    const Sender sender = plan.joiner ? Sender::new_member_commit() : Sender::member(plan.committer);
    FramedContent content = frame(sender, std::move(commit));
    alter(plan.content, content);
    PublicMessage message =
        sign(std::move(content), plan.joiner ? plan.joiner->signing : key_of(plan.committer));
    alter(plan.message, message);
    return message;
  }

  const Suite& suite;
  std::unique_ptr<TestValidator> validator =
      std::make_unique<TestValidator>();  // stays where it is when the group is moved
  std::optional<LifetimeCheck> lifetimes;
  Limits limits;
  GroupContext context;
  std::unique_ptr<RatchetTree> tree;
  std::optional<PublicGroup> group;
  std::vector<std::unique_ptr<TestClient>> clients;

 private:
  struct Resolved {
    const Proposal* proposal;
    Sender sender;
  };

  std::vector<Resolved> resolve(const CommitPlan& plan) const {
    std::vector<Resolved> list;
    for (const ProposalOrRef& each : plan.proposals) {
      if (const auto* proposal = std::get_if<Proposal>(&each.value)) {
        list.push_back({proposal, Sender::member(plan.committer)});
      } else if (const auto found = group->pending().find(std::get<ProposalRef>(each.value));
                 found != group->pending().end()) {
        list.push_back({&found->second.proposal, found->second.sender});
      }
    }
    return list;
  }

  /// Does what can be done of a list that may be invalid.
  std::vector<LeafIndex> apply_leniently(RatchetTree& next, const CommitPlan& plan) const {
    const auto list = resolve(plan);
    for (const auto& [proposal, sender] : list) {
      if (const auto* update = proposal->as<Update>()) next.update(sender.leaf(), update->leaf_node);
    }
    for (const auto& [proposal, sender] : list) {
      const auto* remove = proposal->as<Remove>();
      if (remove && next.leaf(remove->removed) && (plan.joiner || remove->removed != plan.committer))
        next.remove(remove->removed);
    }
    std::vector<LeafIndex> added;
    for (const auto& [proposal, sender] : list) {
      if (const auto* add = proposal->as<Add>()) added.push_back(next.add(add->key_package.leaf_node));
    }
    return added;
  }

  UpdatePath make_path(RatchetTree& next, const CommitPlan& plan, std::vector<LeafIndex> added) const {
    const LeafIndex index = plan.joiner ? next.reserve_leaf() : plan.committer;
    const TestClient& by =
        plan.joiner ? *plan.joiner : client_with(tree->leaf(plan.committer)->signature_key);
    UpdatePath path;
    for (const PathStep& step : next.filtered_direct_path(index)) {
      std::ranges::sort(added);
      const std::size_t receivers = next.resolution(step.copath_child, added).size();
      path.nodes.push_back({fresh_key(), std::vector<HpkeCiphertext>(receivers, {Bytes(32), Bytes(48)})});
    }
    alter(plan.path_keys, path);
    std::vector<HpkePublicKey> keys;
    for (const UpdatePathNode& node : path.nodes) keys.push_back(node.encryption_key);
    const Bytes parent_hash = next.set_path(index, keys);
    path.leaf_node = make_leaf(by, LeafNodeSource::commit, index, [&](LeafNode& leaf) {
      leaf.parent_hash = parent_hash;
      alter(plan.before_leaf_signature, leaf);
    });
    alter(plan.finished_path, path);
    return path;
  }
};

/// A group that is being followed already.
inline TestGroup followed_group(std::uint32_t members, const Alter<TestGroup>& prepare = {}) {
  TestGroup group(members);
  alter(prepare, group);
  if (!group.follow()) std::abort();  // The group to be spoilt must be good.
  return group;
}

inline ProposalOrRef by_value(Proposal proposal) { return {std::move(proposal)}; }
inline ProposalOrRef by_reference(ProposalRef reference) { return {std::move(reference)}; }

}  // namespace wardline::mls
