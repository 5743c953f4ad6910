#include "lib/conversation/organisation_test.h"
#include "lib/mls/public/public_group.h"

namespace wardline::conversation::testing {
namespace {

TEST_F(ConversationTest, BeginsWithEverybodyInItsFirstCommitAndSaysTheSameToWhoJoinsMls12) {
  begin();
  EXPECT_EQ(epoch(*anns_), 1U);
  const std::vector<Device> both{ann_.device, ben_.device};
  EXPECT_EQ(anns_->describe(*ann_.context).members, both);
  EXPECT_EQ(bens_->describe(*ben_.context).members, both);
  EXPECT_EQ(bens_->describe(*ben_.context).id, kId);
  EXPECT_FALSE(anns_->describe(*ann_.context).pending);
}

TEST_F(ConversationTest, StaysAtItsEpochWhileItsCommitWaitsForTheServersAnswer) {
  const auto made = ann_.follower->trusting(
      [&] { return Conversation::create(kId, {ben_.invite()}, sealing_key(), *ann_.context); });
  ASSERT_TRUE(made);
  const auto opened = made->conversation.describe(*ann_.context);
  EXPECT_EQ(opened.epoch, 0U);
  EXPECT_EQ(opened.members, std::vector{ann_.device});
  ASSERT_TRUE(opened.pending);
  EXPECT_EQ(opened.pending->added, std::vector{ben_.device});
  EXPECT_EQ(opened.pending->commit, made->created.first.pending.commit);
  EXPECT_TRUE(opened.pending->welcome);
}

TEST_F(ConversationTest, APendingCommitSurvivesARestartAndIsMergedOrDroppedThen) {
  begin();
  ASSERT_TRUE(anns_->commit({}, *ann_.context));
  const auto staged = anns_->drop_pending();
  ASSERT_TRUE(staged);
  EXPECT_EQ(code_of(anns_->drop_pending()), Code::no_pending_commit);
  EXPECT_EQ(code_of(anns_->merge_pending(*ann_.context)), Code::no_pending_commit);

  ann_.state = anns_->commit({}, *ann_.context)->state;
  auto merged = ann_.reopen();
  ASSERT_TRUE(merged.describe(*ann_.context).pending);
  ASSERT_TRUE(merged.merge_pending(*ann_.context));
  EXPECT_EQ(epoch(merged), 2U);
  auto dropped = ann_.reopen();
  ASSERT_TRUE(dropped.drop_pending());
  EXPECT_EQ(epoch(dropped), 1U);
  EXPECT_FALSE(dropped.describe(*ann_.context).pending);
}

TEST_F(ConversationTest, OpensOnlyWhatItSealedUnderThisKeyAndForThisId) {
  begin();
  const auto open = [&](const ConversationId& id, const SealedState& state, mls::SealingKey key) {
    return code_of(Conversation::open(id, state, std::move(key)));
  };
  EXPECT_EQ(open(kId, ann_.state, sealing_key()), Code::ok);
  EXPECT_EQ(open(ConversationId{8}, ann_.state, sealing_key()), Code::unreadable_state);
  EXPECT_EQ(open(kId, ann_.state, mls::SealingKey::generate()), Code::unreadable_state);
  EXPECT_EQ(open(kId, {}, sealing_key()), Code::unreadable_state);
  for (std::size_t at = 0; at < ann_.state.base.size(); at += 41) {
    SealedState damaged = ann_.state;
    damaged.base[at] ^= 0x40;
    EXPECT_EQ(open(kId, damaged, sealing_key()), Code::unreadable_state) << "byte " << at;
  }
}

TEST_F(ConversationTest, RatchetsOfAnotherEpochDoNotOpenBesideAState) {
  begin();
  ann_.say(*anns_, "In epoch 1");
  const Bytes ratchets = ann_.state.ratchets;
  ASSERT_FALSE(ratchets.empty());
  commit({});
  SealedState mixed = ann_.state;
  mixed.ratchets = ratchets;
  EXPECT_EQ(code_of(Conversation::open(kId, mixed, sealing_key())), Code::unreadable_state);
}

TEST_F(ConversationTest, AReopenedStateUsesNoKeyOfAMessageASecondTime) {
  begin();
  const Bytes first = ann_.say(*anns_, "One");
  auto reopened = ann_.reopen();
  const Bytes second = ann_.say(reopened, "Two");
  EXPECT_EQ(ben_.take(*bens_, first)->content.view()[0], 'O');
  EXPECT_EQ(ben_.take(*bens_, second)->content.view()[0], 'T');
  auto bens = ben_.reopen();
  EXPECT_EQ(code_of(ben_.take(bens, first)), Code::keys_gone) << "nor is one opened twice";
}

TEST_F(ConversationTest, AWelcomeForOtherKeysIsForAnotherDevice) {
  const auto package = ben_.package();
  const auto made = ann_.follower->trusting(
      [&] { return Conversation::create(kId, {ben_.invite(package)}, sealing_key(), *ann_.context); });
  ASSERT_TRUE(made);
  EXPECT_EQ(code_of(ben_.join(*made->created.first.pending.welcome, ben_.package())),
            Code::not_for_this_device);
}

/// Ann alone in a group, and the server, which follows it from outside.
class ExternalJoinTest : public ConversationTest {
 protected:
  ExternalJoinTest() {
    auto made = Conversation::create(kId, {}, sealing_key(), *ann_.context);
    info_ = made->created.group_info_0;
    anns_ = std::move(made->conversation);
    EXPECT_TRUE(anns_->drop_pending());
    outside_ = std::move(*mls::PublicGroup::create(*decoded(info_).as<mls::GroupInfo>(), {}, validation()));
  }
  const mls::Validation& validation() const {
    environment_.emplace(ann_.context->environment());
    return environment_->validation;
  }
  auto join(Member& member, const ConversationId& id = kId) {
    const auto info = decoded(info_);
    return member.follower->trusting([&] {
      return Conversation::join_by_external_commit(id, *info.as<mls::GroupInfo>(), outside_->tree().to_wire(),
                                                   sealing_key(), *member.context);
    });
  }
  ProcessedEntry accept(const StagedCommit& staged) {
    auto taken = ann_.take(*anns_, staged.pending.commit);
    EXPECT_TRUE(taken) << taken.error().rule_text();
    const auto verified = outside_->verify(*mls::ReceivedMessage::decode(staged.pending.commit));
    auto next = outside_->stage(*verified, validation());
    EXPECT_TRUE(next && outside_->apply(std::move(*next)));
    info_ = staged.pending.group_info;
    return std::move(*taken);
  }
  Bytes info_;
  std::optional<mls::PublicGroup> outside_;

 private:
  mutable std::optional<mls::Environment> environment_;
};

TEST_F(ExternalJoinTest, MakesANewDeviceAMemberOnceItsCommitIsAccepted) {
  auto began = join(cleo_);
  ASSERT_TRUE(began) << began.error().rule_text();
  EXPECT_EQ(code_of(began->conversation.protect(as_bytes("Too soon"), *cleo_.context)), Code::not_a_member);
  EXPECT_EQ(code_of(began->conversation.commit({}, *cleo_.context)), Code::commit_pending);
  EXPECT_EQ(code_of(began->conversation.drop_pending()), Code::not_a_member)
      << "there is nothing to go back to";

  const auto told = accept(began->staged);
  EXPECT_EQ(told.added, std::vector{cleo_.device});
  EXPECT_FALSE(told.sender) << "who comes is told as having come";
  cleo_.state = began->staged.state;
  auto reopened = cleo_.reopen();
  const auto echo = cleo_.take(reopened, began->staged.pending.commit);
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->own, Flag::yes);
  EXPECT_EQ(ann_.take(*anns_, cleo_.say(reopened, "Here"))->sender, cleo_.device);
}

TEST_F(ExternalJoinTest, TakesThePlaceOfTheLeafThatTheDeviceHadAndNobodyIsToldThatItLeft) {
  ASSERT_TRUE(accept(join(cleo_)->staged).removed.empty());
  const auto again = join(cleo_);
  ASSERT_TRUE(again) << again.error().rule_text();
  const auto told = accept(again->staged);
  EXPECT_EQ(told.added, std::vector{cleo_.device});
  EXPECT_TRUE(told.removed.empty());
  EXPECT_EQ(anns_->describe(*ann_.context).members, (std::vector{ann_.device, cleo_.device}));
}

TEST_F(ExternalJoinTest, IsRefusedIntoAnotherGroupThanTheOneThatWasMeant) {
  EXPECT_EQ(code_of(join(cleo_, ConversationId{8})), Code::invalid_message);
}

TEST_F(ExternalJoinTest, IsRefusedIntoAGroupWithADeviceThatIsInNoLogEnc8) {
  Member ghost(organisation_, 9, Logged::no);
  const auto slipped = join(ghost);
  ASSERT_TRUE(slipped) << "its own certificate needs no proof to itself";
  lie_about(ghost);
  accept(slipped->staged);
  const auto refused = join(cleo_);
  EXPECT_EQ(code_of(refused), Code::unlogged_device);
  EXPECT_EQ(refused.error().unlogged, std::vector{ghost.hash()});
}

// A state says nothing about which of its members were proven: it may be older than the log of devices.

TEST_F(ConversationTest, AStateFromBeforeTheLogSendsNothingUntilEverybodyInItIsProvenEnc8) {
  begin();
  ann_.restart({});
  auto reopened = ann_.reopen();
  const auto refused = reopened.protect(as_bytes("To whom?"), *ann_.context);
  ASSERT_EQ(code_of(refused), Code::unlogged_device);
  EXPECT_EQ(refused.error().unlogged, std::vector{ben_.hash()}) << "her own needs no proof";
  EXPECT_EQ(code_of(reopened.commit({}, *ann_.context)), Code::unlogged_device);
  EXPECT_FALSE(reopened.describe(*ann_.context).pending) << "and nothing has changed";
  EXPECT_EQ(ben_.take(*bens_, ann_.say(reopened, "To Ben"))->sender, ann_.device) << "proven, it is sent";

  ann_.restart(ann_.kept_log);
  EXPECT_TRUE(ann_.reopen().protect(as_bytes("Again"), *ann_.context))
      << "what was proven is kept with the log";
}

TEST_F(ConversationTest, AStateFromBeforeTheLogReadsOnWhileItsMembersAreUnprovenEnc8) {
  begin();
  const Bytes words = ben_.say(*bens_, "Still here");
  ann_.restart({});
  auto reopened = ann_.reopen();
  EXPECT_TRUE(reopened.process(decoded(words), *ann_.context));
  EXPECT_EQ(code_of(reopened.prove_members(*ann_.context)), Code::unlogged_device);
}

TEST_F(ConversationTest, AGhostFromBeforeTheLogHoldsWhatIsSentUntilItIsRemovedEnc8) {
  Member ghost(organisation_, 9, Logged::no);
  begin();
  lie_about(ghost);
  commit({{ghost.invite()}, {}}, {{&ben_, &*bens_}});

  tell_the_truth(ann_);
  anns_ = ann_.reopen();
  const auto refused = ann_.follower->trusting([&] { return anns_->prove_members(*ann_.context); });
  ASSERT_EQ(code_of(refused), Code::unlogged_device);
  EXPECT_EQ(refused.error().unlogged, std::vector{ghost.hash()}) << "Ben is proven meanwhile";
  EXPECT_EQ(code_of(anns_->commit({{cleo_.invite()}, {}}, *ann_.context)), Code::unlogged_device);
  commit({{}, {ghost.device}}, {{&ben_, &*bens_}});
  EXPECT_EQ(ben_.take(*bens_, ann_.say(*anns_, "Among us"))->sender, ann_.device);
}

TEST_F(ConversationTest, AGhostThatTheServerProposesToRemoveIsNoReasonNotToCommitThatEnc8) {
  Member ghost(organisation_, 9, Logged::no);
  begin();
  lie_about(ghost);
  commit({{ghost.invite()}, {}}, {{&ben_, &*bens_}});
  const auto proposal = tls::encode(organisation_.propose_removal(2, leaf_of(*anns_, ghost)));
  ASSERT_TRUE(ann_.take(*anns_, proposal));
  ASSERT_TRUE(ben_.take(*bens_, proposal));
  tell_the_truth(ann_);
  anns_ = ann_.reopen();
  commit({}, {{&ben_, &*bens_}});
  EXPECT_TRUE(ann_.follower->trusting([&] { return anns_->prove_members(*ann_.context); }));
}

}  // namespace
}  // namespace wardline::conversation::testing
