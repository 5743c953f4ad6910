#include "lib/mls/public/public_group.h"

#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

class OnEverySuite : public testing::TestWithParam<int> {
 protected:
  TestGroup group_of(std::uint32_t members) {
    return TestGroup(members, static_cast<CipherSuite>(GetParam()));
  }
};

INSTANTIATE_TEST_SUITE_P(Suites, OnEverySuite, testing::Range(1, 8));

TEST_P(OnEverySuite, FollowsAddUpdateRemoveAndExternalJoinAndSaysWhoChanged) {
  TestGroup group = group_of(3);
  EXPECT_KEEPS(group.follow());

  const auto update = group.send(group.make_update({1}));
  EXPECT_KEEPS(update);
  const KeyPackage dora = group.make_key_package(group.client("dora"));
  const auto first =
      group.stage({.proposals = {by_reference(*update), by_value({Remove{{2}}}), by_value({Add{dora}})}});
  EXPECT_KEEPS(first);
  ASSERT_EQ(first->changes.updated.size(), 1u);
  EXPECT_EQ(first->changes.updated[0].leaf, LeafIndex{1});
  ASSERT_EQ(first->changes.removed.size(), 1u);
  EXPECT_EQ(first->changes.removed[0].node, *group.tree->leaf({2}));
  ASSERT_EQ(first->changes.added.size(), 1u);
  EXPECT_EQ(first->changes.added[0], (MemberChange{{2}, dora.leaf_node}));
  EXPECT_EQ(first->committer, LeafIndex{0});
  EXPECT_EQ(first->next.context.epoch, 8u);
  EXPECT_EQ(group.group->epoch(), 7u) << "nothing has happened before apply";
  group.apply(*first);
  EXPECT_EQ(group.group->epoch(), 8u);
  EXPECT_TRUE(group.group->pending().empty());

  const auto second =
      group.stage({.joiner = &group.client("erin"), .proposals = {by_value({ExternalInit{Bytes(32)}})}});
  EXPECT_KEEPS(second);
  EXPECT_TRUE(second->is_external);
  EXPECT_EQ(second->committer, LeafIndex{3});
  group.apply(*second);
  EXPECT_EQ(group.group->tree().member_count(), 4u);
  EXPECT_KEEPS(
      PublicGroup::create(group.make_group_info({}, {3}), group.tree->to_wire(), group.validation()));
}

TEST(PublicGroup, FollowsAResyncThatReplacesTheOnlyMember) {
  TestGroup group(1);
  EXPECT_KEEPS(group.follow());
  const auto staged =
      group.stage({.joiner = &group.client("member 0"),
                   .proposals = {by_value({ExternalInit{Bytes(32)}}), by_value({Remove{{0}}})}});
  EXPECT_KEEPS(staged);
  EXPECT_EQ(staged->committer, LeafIndex{0});
}

TEST(PublicGroup, TakesACommitWithoutAPathWhoseProposalsNeedNone) {
  TestGroup group(2);
  EXPECT_KEEPS(group.follow());
  const auto staged = group.stage(
      {.proposals = {by_value({Add{group.make_key_package(group.client("new"))}}),
                     by_value({PreSharedKey{{ExternalPskId{Bytes(4)}, Bytes(group.suite.hash_size)}}})},
       .path = false});
  EXPECT_KEEPS(staged);
  EXPECT_FALSE(staged->has_path);
  EXPECT_EQ(staged->changes.psks.size(), 1u);
}

TEST(PublicGroup, TakesUnknownValuesWhereTheyMayOccur) {
  TestGroup group(1);
  EXPECT_KEEPS(group.follow());
  const auto grease = static_cast<ExtensionType>(0x0A0A);
  const KeyPackage package = group.make_key_package(group.client("greasy"), [&](LeafNode& leaf) {
    leaf.capabilities.versions.push_back(static_cast<ProtocolVersion>(0x1A1A));
    leaf.capabilities.cipher_suites.push_back(static_cast<CipherSuite>(0x2A2A));
    leaf.capabilities.extensions.push_back(grease);
    leaf.capabilities.proposals.push_back(static_cast<ProposalType>(0x3A3A));
    leaf.capabilities.credentials.push_back(static_cast<CredentialType>(0x4A4A));
    leaf.extensions.push_back({grease, Bytes(5)});
  });
  EXPECT_KEEPS(group.stage({.proposals = {by_value({Add{package}})}}));
}

TEST(PublicGroup, TakesAPublishedGroupInfoThatDescribesItsState) {
  TestGroup group(2);
  EXPECT_KEEPS(group.follow());
  const auto staged = group.stage({});
  EXPECT_KEEPS(staged);
  group.apply(*staged);
  const GroupInfo info = group.make_group_info([&](GroupInfo& each) {
    each.extensions = {make_extension(group.tree->to_wire()), make_extension(ExternalPub{group.fresh_key()})};
  });
  EXPECT_KEEPS(verify_group_info(staged->next, info));
  EXPECT_KEEPS(PublicGroup::create(info, {}, group.validation()));
}

TEST(PublicGroup, GoesOnAfterBeingSavedAndRestored) {
  TestGroup group(3);
  EXPECT_KEEPS(group.follow());
  const auto update = group.send(group.make_update({1}));
  EXPECT_KEEPS(update);
  const auto restored = PublicGroup::restore(group.group->save());
  EXPECT_KEEPS(restored);
  EXPECT_EQ(restored->save(), group.group->save());
  auto commit = group.make_commit({.proposals = {by_reference(*update)}});
  const auto verified = restored->verify(ReceivedMessage(commit));
  EXPECT_KEEPS(verified);
  const auto staged = restored->stage(*verified, group.validation());
  EXPECT_KEEPS(staged);
  EXPECT_EQ(staged->next.context, group.stage_message(commit)->next.context);
}

TEST(PublicGroup, SaysWhatAnAppliedCommitDid) {
  TestGroup group = followed_group(2);
  const KeyPackage carol = group.make_key_package(group.client("carol"));
  const auto staged = group.stage({.committer = {1}, .proposals = {by_value({Add{carol}})}});
  EXPECT_KEEPS(staged);
  const auto applied = group.group->apply(*staged);
  EXPECT_KEEPS(applied);
  EXPECT_EQ(applied->epoch, 8u);
  EXPECT_EQ(applied->committer, LeafIndex{1});
  EXPECT_EQ(applied->changes.added, (std::vector<MemberChange>{{{2}, carol.leaf_node}}));
}

TEST(Rule_staged_from_present, TheSecondCommitOfAnEpochIsNotApplied) {
  TestGroup group = followed_group(2);
  const auto first = group.stage({.committer = {0}});
  const auto second = group.stage({.committer = {1}});
  EXPECT_KEEPS(group.group->apply(*first));
  EXPECT_BREAKS(group.group->apply(*second), staged_from_present);
  EXPECT_EQ(group.group->context(), first->next.context);
}

TEST(PublicGroup, CopiesAreUsedByManyThreadsAtOnce) {
  TestGroup group = followed_group(40);
  const PublicMessage commit = group.make_commit({.proposals = {by_value({Remove{{7}}})}});
  std::mutex mutex;
  PublicGroup shared = *group.group;
  std::vector<std::thread> threads;
  std::atomic<int> applied = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        std::unique_lock lock(mutex);
        PublicGroup mine = shared;  // As a cache gives it out.
        lock.unlock();
        const auto verified = mine.verify(ReceivedMessage(commit));
        auto staged = mine.stage(*verified, group.validation());
        if (!staged || !mine.apply(std::move(*staged))) continue;
        RatchetTree changed = mine.tree();
        changed.remove({3});
        changed.tree_hash();
        ++applied;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(applied, 80);
  EXPECT_EQ(shared.epoch(), 7u);
}

TEST(PublicGroup, KeepsAProposalOnceHoweverOftenItArrives) {
  TestGroup group(2);
  EXPECT_KEEPS(group.follow());
  const PublicMessage update = group.make_update({1});
  EXPECT_KEEPS(group.send(update));
  EXPECT_KEEPS(group.send(update));
  EXPECT_EQ(group.group->pending().size(), 1u);
}

}  // namespace
}  // namespace wardline::mls
