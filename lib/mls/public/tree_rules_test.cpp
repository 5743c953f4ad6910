// RFC 9420 §12.4.3.1, §12.4.3.3, §7.9.2: what breaks one rule of the tree, context or GroupInfo that somebody
// starts from.
#include <gtest/gtest.h>

#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

Result<PublicGroup> join(const TestGroup& group, const Alter<GroupInfo>& info = {}) {
  return PublicGroup::create(group.make_group_info(info), group.tree->to_wire(), group.validation());
}

/// Joins with a tree that was changed on its way; the GroupInfo is about the changed one.
Result<PublicGroup> join_with_tree(TestGroup& group, const Alter<RatchetTreeWire>& change) {
  RatchetTreeWire wire = group.tree->to_wire();
  change(wire);
  auto parsed = RatchetTree::from_wire(group.suite, wire, group.limits);
  if (parsed) *group.tree = *parsed;
  return PublicGroup::create(group.make_group_info(), wire, group.validation());
}

ParentNode& parent_at(RatchetTreeWire& wire, std::size_t node) {
  return std::get<ParentNode>(wire.nodes[node]->value);
}

/// Eight members of whom the last is unmerged at nodes 11 and 7.
TestGroup group_with_unmerged() {
  TestGroup group(7);
  group.rekey({4});
  group.tree->add(group.make_leaf(group.client("late"), LeafNodeSource::key_package, {7}));
  return group;
}

TEST(Rule_tree_size, ATreeWiderThanTheLimitIsRefused) {
  TestGroup group(3);
  group.limits.leaves = 4;
  EXPECT_KEEPS(join(group));
  group.limits.leaves = 2;
  EXPECT_BREAKS(join(group), tree_size);
}

TEST(Rule_tree_ends_with_node, ATreeThatEndsInABlankOrHasNoNodeIsRefused) {
  TestGroup group(3);
  EXPECT_BREAKS(join_with_tree(group, [](RatchetTreeWire& wire) { wire.nodes.push_back({}); }),
                tree_ends_with_node);
  EXPECT_BREAKS(join_with_tree(group, [](RatchetTreeWire& wire) { wire.nodes.clear(); }),
                tree_ends_with_node);
}

TEST(Rule_tree_node_types, ALeafWhereAParentBelongsIsRefused) {
  TestGroup group(3);
  EXPECT_BREAKS(join_with_tree(group, [](RatchetTreeWire& wire) { wire.nodes[1] = wire.nodes[0]; }),
                tree_node_types);
  EXPECT_BREAKS(join_with_tree(group, [](RatchetTreeWire& wire) { wire.nodes[0] = Node{ParentNode{}}; }),
                tree_node_types);
}

TEST(Rule_tree_hash_matches, ATreeOtherThanTheContextSaysIsRefused) {
  TestGroup group(3);
  EXPECT_BREAKS(join(group, [](GroupInfo& info) { info.group_context.tree_hash[0] ^= 1; }),
                tree_hash_matches);
}

TEST(Rule_tree_parent_hashes, AParentThatNoMemberSignedForIsRefused) {
  TestGroup group(5);
  group.rekey({2});
  EXPECT_KEEPS(join(group));
  EXPECT_BREAKS(
      join_with_tree(group,
                     [&](RatchetTreeWire& wire) { parent_at(wire, 5).encryption_key = group.fresh_key(); }),
      tree_parent_hashes);
}

TEST(Rule_tree_parent_hashes, AnInsertedParentIsRefused) {
  TestGroup group(4);
  EXPECT_BREAKS(
      join_with_tree(
          group, [&](RatchetTreeWire& wire) { wire.nodes[3] = Node{ParentNode{group.fresh_key(), {}, {}}}; }),
      tree_parent_hashes);
}

TEST(Rule_tree_parent_hashes, AnUnmergedLeafThatIsHiddenIsRefused) {
  TestGroup group = group_with_unmerged();
  EXPECT_KEEPS(join(group));
  EXPECT_BREAKS(join_with_tree(group,
                               [](RatchetTreeWire& wire) {
                                 parent_at(wire, 7).unmerged_leaves.clear();
                                 parent_at(wire, 11).unmerged_leaves.clear();
                               }),
                tree_parent_hashes);
}

TEST(Rule_tree_parent_keys_valid, AParentKeyOfTheWrongSizeIsRefused) {
  TestGroup group(2);
  group.rekey({0}, {Bytes(31)});
  EXPECT_BREAKS(join(group), tree_parent_keys_valid);
}

TEST(Rule_tree_parent_keys_unique, AParentKeyThatIsALeafsKeyTooIsRefused) {
  TestGroup group(3);
  group.rekey({0}, {group.fresh_key(), group.tree->leaf({2})->encryption_key});
  EXPECT_BREAKS(join(group), tree_parent_keys_unique);
}

TEST(Rule_tree_parent_keys_unique, ANewcomerWithTheKeyOfAParentIsRefused) {
  TestGroup group = followed_group(3, [](TestGroup& each) { each.rekey({0}); });
  const KeyPackage package = group.make_key_package(group.client("newcomer"), [&](LeafNode& leaf) {
    leaf.encryption_key = group.tree->parent({3})->encryption_key;
  });
  EXPECT_BREAKS(group.stage({.committer = {2}, .proposals = {by_value({Add{package}})}, .path = false}),
                tree_parent_keys_unique);
}

TEST(Rule_unmerged_leaves_sorted, UnsortedOrRepeatedEntriesAreRefused) {
  TestGroup group = group_with_unmerged();
  group.tree->remove({5});
  EXPECT_BREAKS(
      join_with_tree(
          group, [](RatchetTreeWire& wire) { wire.nodes[7] = Node{ParentNode{Bytes(32), {}, {{7}, {7}}}}; }),
      unmerged_leaves_sorted);
}

TEST(Rule_unmerged_leaves_descend, AnEntryForABlankOrForeignLeafIsRefused) {
  for (const std::uint32_t leaf : {0u, 6u, 99u}) {
    TestGroup group = group_with_unmerged();
    group.tree->remove({6});
    group.rekey({4});
    EXPECT_BREAKS(
        join_with_tree(group, [&](RatchetTreeWire& wire) { parent_at(wire, 11).unmerged_leaves = {{leaf}}; }),
        unmerged_leaves_descend);
  }
}

TEST(Rule_unmerged_leaves_consistent, AnEntryThatANodeInBetweenLacksIsRefused) {
  TestGroup group = group_with_unmerged();
  EXPECT_BREAKS(
      join_with_tree(group, [](RatchetTreeWire& wire) { parent_at(wire, 11).unmerged_leaves.clear(); }),
      unmerged_leaves_consistent);
}

TEST(Rule_group_version_supported, AGroupOfAnotherVersionIsRefused) {
  TestGroup group(1);
  EXPECT_BREAKS(
      join(group, [](GroupInfo& info) { info.group_context.version = static_cast<ProtocolVersion>(2); }),
      group_version_supported);
}

TEST(Rule_group_suite_supported, AGroupOfAnUnknownSuiteIsRefused) {
  TestGroup group(1);
  EXPECT_BREAKS(
      join(group,
           [](GroupInfo& info) { info.group_context.cipher_suite = static_cast<CipherSuite>(0x0A0A); }),
      group_suite_supported);
}

TEST(Rule_group_context_extensions_unique, TwoExtensionsOfOneTypeAreRefused) {
  TestGroup group(1);
  group.context.extensions = {{kTestExtension, {}}};
  EXPECT_KEEPS(join(group));
  group.context.extensions = {{kTestExtension, {}}, {kTestExtension, {}}};
  EXPECT_BREAKS(join(group), group_context_extensions_unique);
}

TEST(Rule_required_capabilities_parse, BrokenRequiredCapabilitiesAreRefused) {
  TestGroup group(1);
  group.context.extensions = {{ExtensionType::required_capabilities, Bytes(2)}};
  EXPECT_BREAKS(join(group), required_capabilities_parse);
}

TEST(Rule_external_senders_parse, BrokenExternalSendersAreRefused) {
  TestGroup group(1);
  group.context.extensions = {{ExtensionType::external_senders, Bytes(2)}};
  EXPECT_BREAKS(join(group), external_senders_parse);
}

TEST(Rule_external_sender_key_valid, AnExternalSenderWithABrokenKeyIsRefused) {
  TestGroup group(1);
  group.context.extensions = {make_extension(ExternalSenders{{{Bytes(31), Credential::basic({})}}})};
  EXPECT_BREAKS(join(group), external_sender_key_valid);
}

TEST(Rule_external_sender_credential, AnExternalSenderWhoIsNotAcceptedIsRefusedOnJoiningAndWhenAdded) {
  TestGroup group = followed_group(2);
  const TestClient& server = group.client("server");
  const Extension senders =
      make_extension(ExternalSenders{{{server.signing.public_key(), server.credential}}});
  const CommitPlan plan{.proposals = {by_value({GroupContextExtensions{{senders}}})}};
  EXPECT_KEEPS(group.stage(plan));
  group.validator->refuse(server.credential, CredentialRole::external_sender);
  EXPECT_BREAKS(group.stage(plan), external_sender_credential);
  group.context.extensions = {senders};
  EXPECT_BREAKS(join(group), external_sender_credential);
}

TEST(Rule_group_info_extensions_unique, TwoExtensionsOfOneTypeAreRefused) {
  TestGroup group(1);
  EXPECT_KEEPS(join(group, [](GroupInfo& info) { info.extensions = {{kOddExtension, {}}}; }));
  EXPECT_BREAKS(
      join(group, [](GroupInfo& info) { info.extensions = {{kOddExtension, {}}, {kOddExtension, {}}}; }),
      group_info_extensions_unique);
}

TEST(Rule_group_info_signer, ASignerWhoIsNoMemberIsRefused) {
  TestGroup group(3);
  EXPECT_BREAKS(join(group, [](GroupInfo& info) { info.signer = {3}; }), group_info_signer);
  EXPECT_BREAKS(join(group, [](GroupInfo& info) { info.signer = {77}; }), group_info_signer);
}

TEST(Rule_group_info_signature, AGroupInfoThatWasChangedAfterSigningIsRefused) {
  TestGroup group(2);
  GroupInfo info = group.make_group_info();
  info.signer = {1};
  EXPECT_BREAKS(PublicGroup::create(info, group.tree->to_wire(), group.validation()), group_info_signature);
}

TEST(Rule_group_info_tree, AGroupInfoWithoutATreeIsRefused) {
  TestGroup group(2);
  EXPECT_BREAKS(PublicGroup::create(group.make_group_info(), {}, group.validation()), group_info_tree);
}

TEST(Rule_group_info_external_pub, ABrokenExternalKeyIsRefused) {
  TestGroup group(1);
  EXPECT_BREAKS(
      join(group, [](GroupInfo& info) { info.extensions = {make_extension(ExternalPub{Bytes(31)})}; }),
      group_info_external_pub);
}

TEST(Rule_group_info_context_matches, APublishedGroupInfoOfAnotherStateIsRefused) {
  const TestGroup group = followed_group(2);
  EXPECT_KEEPS(verify_group_info(group.group->state(), group.make_group_info()));
  const GroupInfo other = group.make_group_info([](GroupInfo& info) { ++info.group_context.epoch; });
  EXPECT_BREAKS(verify_group_info(group.group->state(), other), group_info_context_matches);
}

TEST(Rule_group_info_tag_matches, APublishedGroupInfoWithAnotherTagIsRefused) {
  const TestGroup group = followed_group(2);
  const GroupInfo other = group.make_group_info([](GroupInfo& info) { info.confirmation_tag[0] ^= 1; });
  EXPECT_BREAKS(verify_group_info(group.group->state(), other), group_info_tag_matches);
}

TEST(Rule_group_info_tree_matches, APublishedGroupInfoWithAnotherTreeIsRefused) {
  const TestGroup group = followed_group(2);
  const GroupInfo other = group.make_group_info(
      [](GroupInfo& info) { info.extensions = {make_extension(TestGroup(2).tree->to_wire())}; });
  EXPECT_BREAKS(verify_group_info(group.group->state(), other), group_info_tree_matches);
}

}  // namespace
}  // namespace wardline::mls
