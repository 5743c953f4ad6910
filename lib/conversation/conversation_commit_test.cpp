#include "lib/conversation/organisation_test.h"

namespace wardline::conversation::testing {
namespace {

class ConversationCommitTest : public ConversationTest {
 protected:
  ConversationCommitTest() { begin(); }
  auto commit_by_ann(const Intent& intent) {
    return ann_.follower->trusting([&] { return anns_->commit(intent, *ann_.context); });
  }
  auto rebase_by_ann(const Intent& intent) {
    return ann_.follower->trusting([&] { return anns_->rebase(intent, *ann_.context); });
  }
  /// Ben's commit of this, accepted before anything of Ann's.
  ProcessedEntry ben_wins(const Intent& intent) {
    const auto staged = ben_.follower->trusting([&] { return bens_->commit(intent, *ben_.context); });
    EXPECT_TRUE(staged) << staged.error().rule_text();
    EXPECT_TRUE(bens_->merge_pending(*ben_.context));
    auto taken = ann_.take(*anns_, staged->pending.commit);
    EXPECT_TRUE(taken) << taken.error().rule_text();
    return std::move(*taken);
  }
};

TEST_F(ConversationCommitTest, AddsAndRemovesInOneCommitAndSaysWhom) {
  const auto package = cleo_.package();
  const auto staged = commit({{cleo_.invite(package)}, {ben_.device}});
  EXPECT_EQ(staged.pending.epoch, 1U) << "in which it was made";
  EXPECT_EQ(staged.pending.added, std::vector{cleo_.device});
  EXPECT_EQ(staged.pending.removed, std::vector{ben_.device});
  auto cleos = cleo_.join(*staged.pending.welcome, package);
  ASSERT_TRUE(cleos);
  const auto taken = ben_.take(*bens_, staged.pending.commit);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->removed_self, Flag::yes);
  EXPECT_EQ(taken->sender, ann_.device);
  EXPECT_EQ(code_of(bens_->protect(as_bytes("Still me"), *ben_.context)), Code::not_a_member);
  EXPECT_EQ(code_of(bens_->commit({}, *ben_.context)), Code::not_a_member);
  EXPECT_EQ(code_of(ben_.take(*bens_, ann_.say(*anns_, "Without Ben"))), Code::not_a_member);
  EXPECT_EQ(cleo_.take(*cleos, ann_.say(*anns_, "With Cleo"))->sender, ann_.device);
}

TEST_F(ConversationCommitTest, RenewsTheKeysOfThisDeviceWhereNothingElseIsWanted) {
  const auto staged = commit({}, {{&ben_, &*bens_}});
  EXPECT_FALSE(staged.pending.welcome);
  EXPECT_EQ(epoch(*bens_), 2U);
  EXPECT_TRUE(ben_.take(*bens_, ann_.say(*anns_, "Anew")));
}

TEST_F(ConversationCommitTest, OneWaitsForItsAnswerAtATime) {
  ASSERT_TRUE(commit_by_ann({}));
  EXPECT_EQ(code_of(commit_by_ann({{cleo_.invite()}, {}})), Code::commit_pending);
  EXPECT_EQ(anns_->describe(*ann_.context).pending->added.size(), 0U) << "the first still waits as it was";
}

TEST_F(ConversationCommitTest, RefusesAKeyPackageThatIsNotOfTheDeviceThatTheServerNamesIam9) {
  EXPECT_EQ(code_of(commit_by_ann({{{ben_.device, cleo_.package().key_package}}, {}})),
            Code::invalid_credential);
  EXPECT_EQ(code_of(commit_by_ann({{{cleo_.device, bytes_of("no key package")}}, {}})),
            Code::invalid_message);
  const Bytes commit = tls::encode(organisation_.propose_removal(1, {0}));
  EXPECT_EQ(code_of(commit_by_ann({{{cleo_.device, commit}}, {}})), Code::invalid_message);
  EXPECT_FALSE(anns_->describe(*ann_.context).pending);
}

TEST_F(ConversationCommitTest, RefusesToRemoveWhoIsNotThere) {
  EXPECT_EQ(code_of(commit_by_ann({{}, {cleo_.device}})), Code::not_a_member);
}

TEST_F(ConversationCommitTest, RefusesADeviceThatIsInNoLogAndStaysAsItWasEnc8) {
  Member ghost(organisation_, 9, Logged::no);
  const auto refused = commit_by_ann({{cleo_.invite(), ghost.invite()}, {}});
  ASSERT_EQ(code_of(refused), Code::unlogged_device);
  EXPECT_EQ(refused.error().unlogged, std::vector{ghost.hash()}) << "Cleo is logged";
  EXPECT_FALSE(anns_->describe(*ann_.context).pending);
  EXPECT_TRUE(commit_by_ann({{cleo_.invite()}, {}}));
}

TEST_F(ConversationCommitTest, ThatLosesItsEpochGivesBackWhatItWasToDo) {
  ASSERT_TRUE(commit_by_ann({{cleo_.invite()}, {}}));
  const auto taken = ben_wins({});
  ASSERT_TRUE(taken.lost);
  ASSERT_EQ(taken.lost->add.size(), 1U);
  EXPECT_EQ(taken.lost->add.front().device, cleo_.device);
  EXPECT_EQ(taken.own, Flag::no);
  EXPECT_EQ(taken.sender, ben_.device);
  EXPECT_FALSE(anns_->describe(*ann_.context).pending);

  const auto again = rebase_by_ann(*taken.lost);
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->pending.epoch, 2U);
  EXPECT_EQ((*again)->pending.added, std::vector{cleo_.device});
}

TEST_F(ConversationCommitTest, IsNotMadeAgainWhereTheWinnerHasDoneTheSame) {
  ASSERT_TRUE(commit_by_ann({{cleo_.invite()}, {}}));
  const auto taken = ben_wins({{cleo_.invite()}, {}});
  const auto again = rebase_by_ann(*taken.lost);
  ASSERT_TRUE(again) << again.error().rule_text();
  EXPECT_FALSE(*again) << "Cleo is there";
  EXPECT_FALSE(anns_->describe(*ann_.context).pending);
}

TEST_F(ConversationCommitTest, IsMadeAgainForWhatIsLeftOfIt) {
  Member dia(organisation_, 4);
  commit({{dia.invite()}, {}}, {{&ben_, &*bens_}});
  ASSERT_TRUE(commit_by_ann({{cleo_.invite()}, {dia.device}}));
  const auto taken = ben_wins({{}, {dia.device}});
  const auto again = rebase_by_ann(*taken.lost);
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->pending.added, std::vector{cleo_.device});
  EXPECT_TRUE((*again)->pending.removed.empty());
}

TEST_F(ConversationCommitTest, LosesNothingToACommitThatIsRefusedMls12) {
  ASSERT_TRUE(commit_by_ann({{cleo_.invite()}, {}}));
  const auto staged = bens_->commit({}, *ben_.context);
  Bytes forged = staged->pending.commit;
  forged.back() ^= 1;
  EXPECT_EQ(code_of(ann_.take(*anns_, forged)), Code::invalid_message);
  ASSERT_TRUE(anns_->describe(*ann_.context).pending) << "her own commit still waits";
  EXPECT_TRUE(anns_->merge_pending(*ann_.context));
}

TEST_F(ConversationCommitTest, IsMergedOnceWhetherTheAnswerOrTheLogIsFaster) {
  const auto staged = commit_by_ann({{cleo_.invite()}, {}});
  const auto echo = ann_.take(*anns_, staged->pending.commit);
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->own, Flag::yes);
  EXPECT_EQ(echo->added, std::vector{cleo_.device});
  EXPECT_EQ(echo->epoch, 2U);
  EXPECT_EQ(code_of(anns_->merge_pending(*ann_.context)), Code::no_pending_commit);
  EXPECT_EQ(ann_.take(*anns_, staged->pending.commit)->kind, EntryKind::past_epoch);
}

TEST_F(ConversationCommitTest, WhatTheServerProposesIsCommittedBeforeAnythingIsSaidMls12) {
  commit({{cleo_.invite()}, {}}, {{&ben_, &*bens_}});
  const Bytes proposal = tls::encode(organisation_.propose_removal(2, leaf_of(*anns_, cleo_)));
  const auto told = ann_.take(*anns_, proposal);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, EntryKind::proposal);
  EXPECT_EQ(told->needs_commit, Flag::yes);
  EXPECT_EQ(told->removed, std::vector{cleo_.device});
  EXPECT_EQ(code_of(anns_->protect(as_bytes("Too soon"), *ann_.context)), Code::commit_needed);
  ASSERT_TRUE(ben_.take(*bens_, proposal));
  ann_.state = told->state;
  anns_ = ann_.reopen();
  const auto staged = commit({}, {{&ben_, &*bens_}});
  EXPECT_EQ(staged.pending.removed, std::vector{cleo_.device});
  EXPECT_TRUE(ben_.take(*bens_, ann_.say(*anns_, "Now")));
}

TEST_F(ConversationCommitTest, NobodyIsToCommitTheirOwnRemovalMls12) {
  const auto told = ben_.take(*bens_, tls::encode(organisation_.propose_removal(1, leaf_of(*bens_, ben_))));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->needs_commit, Flag::no);
}

TEST_F(ConversationCommitTest, AProposalOfAnotherExternalSenderThanTheServerIsRefusedMls12) {
  const auto stranger = new_key();
  const mls::MlsMessage forged{*mls::propose_externally(to_bytes(kId), 1, 0, {mls::Remove{{1}}}, stranger)};
  EXPECT_EQ(code_of(ann_.take(*anns_, tls::encode(forged))), Code::invalid_message);
  EXPECT_TRUE(anns_->protect(as_bytes("As before"), *ann_.context));
}

}  // namespace
}  // namespace wardline::conversation::testing
