// The groups that are measured, made once per size and suite: fresh ones, whose creator adds everybody in one
// commit, and warm ones, in which everybody has committed, so that all parents are filled.
#pragma once

#include <map>

#include <gtest/gtest.h>

#include "lib/mls/member/member_state_storage.h"
#include "lib/mls/member/test_member.h"

namespace wardline::mls {

template <class T>
T must(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

/// Key packages of `added` devices, and somebody who makes groups with them.
struct FreshGroup : TestWorld {
  FreshGroup(CipherSuite id, std::uint32_t added) : TestWorld(id), creator(make("alice")) {
    for (std::uint32_t i = 0; i < added; ++i) {
      const TestMember other(suite, "member " + std::to_string(i));
      bundles.push_back(other.bundle());
    }
  }

  CommitRequest add_all() const {
    CommitRequest request;
    for (const auto& bundle : bundles) request.proposals.push_back({Add{bundle.key_package()}});
    return request;
  }
  Group create_group() const {
    return must(Group::create({.suite = suite,
                               .group_id = to_bytes(as_bytes("group")),
                               .leaf = creator.description,
                               .lifetime = kTestLifetime},
                              creator.signer, environment));
  }
  /// The Welcome of a group with all of them.
  const Welcome& welcome() {
    if (!sent) {
      Group group = create_group();
      sent.emplace(must(group.commit(add_all(), creator.signer, environment)));
    }
    return *sent->welcome->as<Welcome>();
  }

  TestMember& creator;
  std::vector<KeyPackageBundle> bundles;
  std::optional<CommitBundle> sent;
};

/// Makes the states of the first and of the last member without having everybody process everybody's commits.
struct WarmGroup : TestWorld {
  WarmGroup(CipherSuite id, std::uint32_t size) : TestWorld(id) {
    RatchetTree tree(suite);
    for (std::uint32_t i = 0; i < size; ++i) {
      TestMember& member = make("member " + std::to_string(i));
      tree.add(member.bundle().key_package().leaf_node);
    }
    std::map<NodeIndex, crypto::HpkePrivateKey> keys;
    const GroupId group_id = to_bytes(as_bytes("group"));
    for (std::uint32_t i = 0; i < size; ++i) {
      const auto path = must(OwnPath::create(tree, {i}, *tree.leaf({i}), members[i]->signer, group_id));
      for (NodeIndex node = node_of(LeafIndex{i});; node = parent_of(node)) {
        if (const auto* key = path.private_tree().find(node)) keys.insert_or_assign(node, key->copy());
        if (node == tree.root()) break;
      }
    }
    GroupContext context{.cipher_suite = id,
                         .group_id = group_id,
                         .epoch = 7,
                         .tree_hash = to_bytes(tree.tree_hash()),
                         .confirmed_transcript_hash = Bytes(suite.hash_size, 1),
                         .extensions = {}};
    auto parameters = must(GroupParameters::create(context.version, context.cipher_suite));
    state = std::make_unique<PublicState>(
        PublicState{std::move(context), std::move(parameters), std::move(tree), {}, {}, {}});
    for (const std::uint32_t i : {std::uint32_t{0}, size - 1}) enter(i, keys);
    newcomer = std::make_unique<TestMember>(suite, "newcomer");
    // One commit that both follow, so that neither has what only a group fresh from storage has to compute.
    const auto sent = must(first().group->commit({.with_path = true}, first().signer, environment));
    auto event = must(last().group->receive(sent.commit, environment));
    if (!first().group->merge_pending() || !last().group->merge(std::move(std::get<ReceivedCommit>(event))))
      std::abort();
  }

  TestMember& first() { return *members.front(); }
  TestMember& last() { return *members.back(); }
  /// What the first member sends; its group is as before, the commit having been discarded.
  CommitBundle commit_by_first(CommitRequest request) {
    auto sent = must(first().group->commit(std::move(request), first().signer, environment));
    first().group->discard_pending();
    return sent;
  }
  CommitRequest add_newcomer() const {
    CommitRequest request;
    request.proposals.push_back({Add{newcomer->bundle().key_package()}});
    return request;
  }
  /// What a delivery service starts from.
  GroupInfo group_info() {
    return *must(first().group->group_info(first().signer, {.with_tree = false})).as<GroupInfo>();
  }

  std::unique_ptr<TestMember> newcomer;

 private:
  void enter(std::uint32_t index, const std::map<NodeIndex, crypto::HpkePrivateKey>& keys) {
    PrivateTree own({index}, keys.at(node_of(LeafIndex{index})).copy());
    for (const NodeIndex node : direct_path({index}, state->tree.leaf_count())) {
      if (!state->tree.is_blank(node)) own.set(node, keys.at(node).copy());
    }
    const MemberState ready =
        begin_epoch(*state, std::move(own),
                    derive_epoch_secrets(suite, SecretBytes(Bytes(suite.hash_size, 5)).view()));
    // The stored form of an external join is the way in for a state that was made up.
    tls::Writer out;
    tls::write(out, MlsMessage{Welcome{}});
    tls::write(out, MlsMessage{Welcome{}});
    tls::write(out, GroupConfig{});
    write_state(out, ready);
    const SealingKey key = SealingKey::generate();
    const Bytes sealed = must(seal_state(key, SealedKind::external_join, SecretBytes(out.take())));
    members[index]->group.emplace(must(ExternalJoin::unseal(key, sealed)).accept());
  }

  std::unique_ptr<PublicState> state;
};

/// Made at the first call, kept for the life of the process.
template <class Kind>
Kind& group_of(CipherSuite id, std::uint32_t size) {
  static std::map<std::pair<CipherSuite, std::uint32_t>, std::unique_ptr<Kind>> made;
  auto& one = made[{id, size}];
  if (!one) one = std::make_unique<Kind>(id, size);
  return *one;
}

}  // namespace wardline::mls
