// RFC 9420 §12.1, §12.2, §12.4, §7.5, §7.6: what breaks one rule of proposals, their lists, and update paths.
#include <gtest/gtest.h>

#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

Proposal psk_of(const TestGroup& group, std::uint8_t id) {
  return {PreSharedKey{{ExternalPskId{Bytes(1, id)}, Bytes(group.suite.hash_size, id)}}};
}
Proposal add_of(TestGroup& group, const std::string& name) {
  return {Add{group.make_key_package(group.client(name))}};
}

TEST(Rule_remove_target_is_member, RemovingNobodyIsRefused) {
  TestGroup group = followed_group(3);
  EXPECT_KEEPS(group.send(group.make_proposal({0}, {Remove{{2}}})));
  EXPECT_BREAKS(group.send(group.make_proposal({0}, {Remove{{3}}})), remove_target_is_member);
  EXPECT_BREAKS(group.stage({.proposals = {by_value({Remove{{1u << 31}}})}}), remove_target_is_member);
}

TEST(Rule_psk_nonce_size, AShortNonceIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_KEEPS(group.send(group.make_proposal({0}, psk_of(group, 1))));
  EXPECT_BREAKS(group.send(group.make_proposal({0}, {PreSharedKey{{ExternalPskId{}, Bytes(16)}}})),
                psk_nonce_size);
}

TEST(Rule_psk_usage, AResumptionForReinitOrBranchIsRefused) {
  TestGroup group = followed_group(1);
  const auto propose = [&](ResumptionPskUsage usage) {
    const PreSharedKeyId id{ResumptionPskId{usage, Bytes(4), 1}, Bytes(group.suite.hash_size)};
    return group.send(group.make_proposal({0}, {PreSharedKey{id}}));
  };
  EXPECT_KEEPS(propose(ResumptionPskUsage::application));
  EXPECT_BREAKS(propose(ResumptionPskUsage::reinit), psk_usage);
  EXPECT_BREAKS(propose(ResumptionPskUsage::branch), psk_usage);
}

TEST(Rule_reinit_version, AReInitToAnEarlierVersionIsRefused) {
  TestGroup group = followed_group(1);
  const auto propose = [&](std::uint16_t version) {
    const ReInit reinit{Bytes(4), static_cast<ProtocolVersion>(version), group.suite.id, {}};
    return group.send(group.make_proposal({0}, {reinit}));
  };
  EXPECT_KEEPS(propose(2));
  EXPECT_BREAKS(propose(0), reinit_version);
}

/// Commits new GroupContext extensions; the committer's new leaf supports kOddExtension, member 1 does not.
Result<StagedCommit> set_extensions(TestGroup& group, Extensions extensions) {
  return group.stage({.proposals = {by_value({GroupContextExtensions{std::move(extensions)}})},
                      .before_leaf_signature = [](LeafNode& leaf) {
                        leaf.capabilities.extensions.push_back(kOddExtension);
                      }});
}

TEST(Rule_extensions_required_by_members, ARequirementThatAMemberDoesNotMeetIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_KEEPS(set_extensions(group, {make_extension(RequiredCapabilities{{kTestExtension}, {}, {}})}));
  EXPECT_BREAKS(set_extensions(group, {make_extension(RequiredCapabilities{{kOddExtension}, {}, {}})}),
                extensions_required_by_members);
}

TEST(Rule_extensions_required_by_members, ARequirementThatOnlyARemovedMemberDoesNotMeetIsTaken) {
  TestGroup group = followed_group(2);
  const Extension required = make_extension(RequiredCapabilities{{kOddExtension}, {}, {}});
  EXPECT_KEEPS(group.stage(
      {.proposals = {by_value({GroupContextExtensions{{required}}}), by_value({Remove{{1}}})},
       .before_leaf_signature = [](LeafNode& leaf) { leaf.capabilities.extensions = {kOddExtension}; }}));
}

TEST(Rule_extensions_supported_by_members, AnExtensionThatAMemberLacksIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_KEEPS(set_extensions(group, {{kTestExtension, {}}}));
  EXPECT_BREAKS(set_extensions(group, {{kOddExtension, {}}}), extensions_supported_by_members);
}

TEST(Rule_pending_proposals, MoreProposalsThanTheLimitAreRefused) {
  TestGroup group = followed_group(1, [](TestGroup& each) { each.limits.pending_proposals = 1; });
  EXPECT_KEEPS(group.send(group.make_proposal({0}, psk_of(group, 1))));
  EXPECT_BREAKS(group.send(group.make_proposal({0}, psk_of(group, 2))), pending_proposals);
}

TEST(Rule_commit_tree_size, ACommitThatWidensTheTreeBeyondTheLimitIsRefused) {
  TestGroup group = followed_group(3, [](TestGroup& each) { each.limits.leaves = 4; });
  EXPECT_KEEPS(group.stage({.proposals = {by_value(add_of(group, "a"))}}));
  EXPECT_BREAKS(group.stage({.proposals = {by_value(add_of(group, "a")), by_value(add_of(group, "b"))}}),
                commit_tree_size);
}

TEST(Rule_proposals_per_commit, MoreProposalsThanTheLimitAreRefused) {
  TestGroup group = followed_group(1, [](TestGroup& each) { each.limits.proposals_per_commit = 1; });
  EXPECT_KEEPS(group.stage({.proposals = {by_value(psk_of(group, 1))}}));
  EXPECT_BREAKS(group.stage({.proposals = {by_value(psk_of(group, 1)), by_value(psk_of(group, 2))}}),
                proposals_per_commit);
}

TEST(Rule_proposal_reference_known, AReferenceToNothingOrToAnEarlierEpochIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(group.stage({.proposals = {by_reference(Bytes(32))}}), proposal_reference_known);
  const auto update = group.send(group.make_update({1}));
  EXPECT_KEEPS(group.stage({.proposals = {by_reference(*update)}}));
  group.apply(*group.stage(CommitPlan{}));
  EXPECT_BREAKS(group.stage({.proposals = {by_reference(*update)}}), proposal_reference_known);
}

TEST(Rule_commit_does_not_update_self, AnUpdateOfTheCommitterIsRefused) {
  TestGroup group = followed_group(2);
  const auto update = group.send(group.make_update({0}));
  EXPECT_KEEPS(group.stage({.committer = {1}, .proposals = {by_reference(*update)}}));
  EXPECT_BREAKS(group.stage({.committer = {0}, .proposals = {by_reference(*update)}}),
                commit_does_not_update_self);
}

TEST(Rule_commit_does_not_remove_self, ARemovalOfTheCommitterIsRefused) {
  TestGroup group = followed_group(2);
  const auto leave = group.send(group.make_proposal({0}, {Remove{{0}}}));
  EXPECT_KEEPS(group.stage({.committer = {1}, .proposals = {by_reference(*leave)}}));
  EXPECT_BREAKS(group.stage({.committer = {0}, .proposals = {by_reference(*leave)}}),
                commit_does_not_remove_self);
}

TEST(Rule_one_change_per_leaf, AnUpdateAndARemovalOfOneLeafAreRefused) {
  TestGroup group = followed_group(3);
  const auto update = group.send(group.make_update({1}));
  const auto second = group.send(group.make_update({1}));
  EXPECT_BREAKS(group.stage({.proposals = {by_reference(*update), by_value({Remove{{1}}})}}),
                one_change_per_leaf);
  EXPECT_BREAKS(group.stage({.proposals = {by_reference(*update), by_reference(*second)}}),
                one_change_per_leaf);
  EXPECT_BREAKS(group.stage({.proposals = {by_value({Remove{{1}}}), by_value({Remove{{1}}})}}),
                one_change_per_leaf);
}

TEST(Rule_adds_are_distinct, TwoKeyPackagesOfOneClientAreRefused) {
  TestGroup group = followed_group(1);
  EXPECT_BREAKS(group.stage({.proposals = {by_value(add_of(group, "a")), by_value(add_of(group, "a"))}}),
                adds_are_distinct);
}

TEST(Rule_psk_once, OnePskTwiceIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_KEEPS(group.stage({.proposals = {by_value(psk_of(group, 1)), by_value(psk_of(group, 2))}}));
  EXPECT_BREAKS(group.stage({.proposals = {by_value(psk_of(group, 1)), by_value(psk_of(group, 1))}}),
                psk_once);
}

TEST(Rule_group_context_extensions_once, TwoReplacementsOfTheExtensionsAreRefused) {
  TestGroup group = followed_group(1);
  const Proposal replacement{GroupContextExtensions{}};
  EXPECT_BREAKS(group.stage({.proposals = {by_value(replacement), by_value(replacement)}}),
                group_context_extensions_once);
}

TEST(Rule_reinit_alone, AReInitWithAnotherProposalIsRefused) {
  TestGroup group = followed_group(1);
  const Proposal reinit{ReInit{Bytes(4), ProtocolVersion::mls10, group.suite.id, {}}};
  EXPECT_KEEPS(group.stage({.proposals = {by_value(reinit)}}));
  EXPECT_BREAKS(group.stage({.proposals = {by_value(reinit), by_value(psk_of(group, 1))}}), reinit_alone);
}

class ExternalCommit : public testing::Test {
 protected:
  Result<StagedCommit> join(std::vector<ProposalOrRef> proposals) {
    return group_.stage({.joiner = &group_.client("joiner"), .proposals = std::move(proposals)});
  }
  TestGroup group_ = followed_group(4);
  ProposalOrRef init_ = by_value({ExternalInit{Bytes(32)}});
};

using Rule_external_commit_by_value = ExternalCommit;
TEST_F(Rule_external_commit_by_value, AReferenceIsRefused) {
  const auto psk = group_.send(group_.make_proposal({0}, psk_of(group_, 1)));
  EXPECT_KEEPS(join({init_, by_value(psk_of(group_, 1))}));
  EXPECT_BREAKS(join({init_, by_reference(*psk)}), external_commit_by_value);
}

using Rule_external_commit_init = ExternalCommit;
TEST_F(Rule_external_commit_init, NoneOrTwoExternalInitsAreRefused) {
  EXPECT_BREAKS(join({}), external_commit_init);
  EXPECT_BREAKS(join({init_, init_}), external_commit_init);
}

using Rule_external_commit_remove = ExternalCommit;
TEST_F(Rule_external_commit_remove, TwoRemovalsAreRefused) {
  EXPECT_KEEPS(join({init_, by_value({Remove{{1}}})}));
  EXPECT_BREAKS(join({init_, by_value({Remove{{1}}}), by_value({Remove{{2}}})}), external_commit_remove);
}

using Rule_external_commit_types = ExternalCommit;
TEST_F(Rule_external_commit_types, AnAddIsRefused) {
  EXPECT_BREAKS(join({init_, by_value(add_of(group_, "friend"))}), external_commit_types);
}

TEST(Rule_path_required, ACommitThatRemovesOrIsEmptyAndHasNoPathIsRefused) {
  TestGroup group = followed_group(3);
  const auto update = group.send(group.make_update({1}));
  for (const auto& proposals : std::vector<std::vector<ProposalOrRef>>{
           {}, {by_value({Remove{{1}}})}, {by_reference(*update)}, {by_value({GroupContextExtensions{}})}}) {
    EXPECT_KEEPS(group.stage({.proposals = proposals}));
    EXPECT_BREAKS(group.stage({.proposals = proposals, .path = false}), path_required);
  }
}

TEST(Rule_path_length, APathThatIsTooShortOrTooLongIsRefused) {
  const TestGroup group = followed_group(4);
  EXPECT_BREAKS(group.stage({.finished_path = [](UpdatePath& path) { path.nodes.pop_back(); }}), path_length);
  EXPECT_BREAKS(group.stage({.finished_path = [](UpdatePath& path) { path.nodes.push_back(path.nodes[0]); }}),
                path_length);
}

TEST(Rule_path_keys_valid, APathKeyOfTheWrongSizeIsRefused) {
  const TestGroup group = followed_group(4);
  EXPECT_BREAKS(group.stage({.path_keys = [](UpdatePath& path) { path.nodes[1].encryption_key.pop_back(); }}),
                path_keys_valid);
}

TEST(Rule_path_keys_fresh, AKeyThatIsInTheTreeOrTwiceInThePathIsRefused) {
  const TestGroup group = followed_group(4);
  const auto use = [&](const HpkePublicKey& key) {
    return group.stage({.path_keys = [&](UpdatePath& path) { path.nodes[0].encryption_key = key; }});
  };
  EXPECT_KEEPS(use(group.fresh_key()));
  EXPECT_BREAKS(use(group.tree->leaf({3})->encryption_key), path_keys_fresh);
  EXPECT_BREAKS(group.stage({.path_keys =
                                 [](UpdatePath& path) {
                                   path.nodes[1].encryption_key = path.nodes[0].encryption_key;
                                 }}),
                path_keys_fresh);
}

TEST(Rule_path_ciphertext_count, ACiphertextTooManyOrTooFewIsRefused) {
  TestGroup group = followed_group(4);
  EXPECT_BREAKS(group.stage({.finished_path =
                                 [](UpdatePath& path) { path.nodes[1].encrypted_path_secret.pop_back(); }}),
                path_ciphertext_count);
  EXPECT_BREAKS(
      group.stage(
          {.proposals = {by_value({Remove{{3}}}), by_value(add_of(group, "newcomer"))},
           .finished_path = [](UpdatePath& path) { path.nodes[1].encrypted_path_secret.push_back({}); }}),
      path_ciphertext_count);
}

TEST(Rule_path_parent_hash, ALeafWithAnotherParentHashIsRefused) {
  const TestGroup group = followed_group(4);
  EXPECT_BREAKS(group.stage({.before_leaf_signature = [](LeafNode& leaf) { leaf.parent_hash[0] ^= 1; }}),
                path_parent_hash);
}

}  // namespace
}  // namespace wardline::mls
