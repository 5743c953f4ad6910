#include "lib/conversation/organisation_test.h"

namespace wardline::conversation::testing {
namespace {

using transparency::Alarm;

class DeviceLogFollowerTest : public ::testing::Test {
 protected:
  DeviceLogFollowerTest() : ann_(organisation_, 1), ben_(organisation_, 2) {}

  /// Looks at these as a commit that brings them would.
  auto meet(const std::vector<const Member*>& others) {
    return ann_.follower->trusting([this, &others]() -> Outcome<void> {
      ++runs_;
      UnloggedLeaves unlogged(ann_.context->authority(), UnloggedLeaves::Mode::collect);
      for (const Member* each : others) unlogged.look_at(mls::Credential::x509({each->certificate}));
      return unlogged.check();
    });
  }
  std::vector<std::unique_ptr<Member>> crowd(int size) {
    std::vector<std::unique_ptr<Member>> members;
    for (int i = 0; i < size; ++i) members.push_back(std::make_unique<Member>(organisation_, 100 + i));
    return members;
  }

  Organisation organisation_;
  Member ann_;
  Member ben_;
  int runs_ = 0;
};

TEST_F(DeviceLogFollowerTest, ProvesWhomItMeetsAndAsksOnceEnc8) {
  EXPECT_TRUE(meet({&ben_}));
  EXPECT_EQ(ann_.keeper.asked, 1);
  EXPECT_EQ(runs_, 2);
  EXPECT_TRUE(meet({&ben_}));
  EXPECT_EQ(ann_.keeper.asked, 1);
  ann_.restart(ann_.kept_log);
  EXPECT_TRUE(meet({&ben_}));
  EXPECT_EQ(ann_.keeper.asked, 1) << "nor after a restart";
  EXPECT_EQ(ann_.waits, 0);
}

TEST_F(DeviceLogFollowerTest, WaitsForALogThatIsASecondLateEnc8) {
  Member fresh(organisation_, 3, Logged::no);
  ann_.while_waiting = [&] {
    if (ann_.waits == 2) organisation_.enter(fresh.device, fresh.certificate);
  };
  EXPECT_TRUE(meet({&fresh}));
  EXPECT_EQ(ann_.waits, 2);
  EXPECT_TRUE(ann_.refused.empty());
}

TEST_F(DeviceLogFollowerTest, NamesOfAllThatItMetTheOneThatNobodyLoggedEnc8) {
  const auto others = crowd(20);
  Member ghost(organisation_, 9, Logged::no);
  std::vector<const Member*> met{&ghost};
  for (const auto& each : others) met.insert(met.begin(), each.get());
  const auto refused = meet(met);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().unlogged, std::vector{ghost.hash()});
  EXPECT_EQ(ann_.refused, DeviceLogFollower::Refused{ghost.hash()});
}

TEST_F(DeviceLogFollowerTest, WaitsForADeviceThatIsInNoLogOnceAndAsksEachTimeEnc8) {
  Member ghost(organisation_, 9, Logged::no);
  EXPECT_EQ(code_of(meet({&ghost})), Code::unlogged_device);
  const int waits = ann_.waits;
  EXPECT_GT(waits, 0);
  for (int i = 0; i < 10; ++i) {
    const int asked = ann_.keeper.asked;
    EXPECT_EQ(code_of(meet({&ghost})), Code::unlogged_device);
    EXPECT_GT(ann_.keeper.asked, asked);
    EXPECT_LE(ann_.keeper.asked, asked + 2);
  }
  ann_.restart(ann_.kept_log);
  EXPECT_EQ(code_of(meet({&ghost, &ben_})), Code::unlogged_device);
  EXPECT_EQ(ann_.waits, waits) << "nor after a restart, nor because of somebody beside it";

  organisation_.enter(ghost.device, ghost.certificate);
  EXPECT_TRUE(meet({&ghost})) << "the log was later than anybody waits";
  EXPECT_TRUE(ann_.refused.empty());
}

TEST_F(DeviceLogFollowerTest, AsksAboutManyInSeveralRequests) {
  const auto others = crowd(int{DeviceLogFollower::kMostCertificates} + 5);
  std::vector<const Member*> met;
  for (const auto& each : others) met.push_back(each.get());
  EXPECT_TRUE(meet(met));
  EXPECT_EQ(ann_.keeper.asked, 2);
  EXPECT_LE(ann_.keeper.most_at_once, DeviceLogFollower::kMostCertificates);
}

TEST_F(DeviceLogFollowerTest, DoesNotTakeAServerThatCannotBeAskedForALiarEnc8) {
  ann_.keeper.unreachable = true;
  EXPECT_EQ(code_of(ann_.follower->check()), Code::provider_failed);
  EXPECT_EQ(code_of(meet({&ben_})), Code::provider_failed);
  ann_.keeper.unreachable = false;
  ASSERT_TRUE(ann_.follower->check());
  ann_.keeper.unreachable = true;
  EXPECT_EQ(code_of(meet({&ben_})), Code::provider_failed);
  EXPECT_TRUE(ann_.refused.empty()) << "nothing is known about Ben";
  ann_.keeper.unreachable = false;
  EXPECT_TRUE(meet({&ben_}));
}

TEST_F(DeviceLogFollowerTest, AProofThatProvesNothingIsAnAlarmEnc8) {
  ann_.keeper.proves_nothing = true;
  EXPECT_EQ(meet({&ben_}).error().alarm, Alarm::not_included);
}

TEST_F(DeviceLogFollowerTest, ALogThatHasLostEntriesIsAnAlarmAndIsNotLearntEnc8) {
  ASSERT_TRUE(ann_.follower->check());
  transparency::MemoryLog older;
  older.add({ann_.device.user_id, ann_.device.device_id, ann_.certificate});
  ann_.keeper.show(older);
  EXPECT_EQ(ann_.follower->check().error().alarm, Alarm::rolled_back);
  EXPECT_EQ(ann_.context->log_status().size, 2U);
  ann_.keeper.show(organisation_.log);
  EXPECT_TRUE(ann_.follower->check()) << "and it goes on once it is whole again";
}

TEST_F(DeviceLogFollowerTest, ALogThatWasRewrittenOrWillNotShowThatItGrewIsAnAlarmEnc8) {
  ASSERT_TRUE(ann_.follower->check());
  transparency::MemoryLog rewritten;
  rewritten.grow(5);
  ann_.keeper.show(rewritten);
  EXPECT_EQ(ann_.follower->check().error().alarm, Alarm::forked);
  ann_.keeper.show(organisation_.log);
  ann_.keeper.shows_no_proof = true;
  EXPECT_TRUE(ann_.follower->check()) << "nothing has to be shown of the same size";
  organisation_.log.grow(3);
  EXPECT_EQ(ann_.follower->check().error().alarm, Alarm::forked);
}

TEST_F(DeviceLogFollowerTest, AnotherKeyHasSignedNothingEnc8) {
  transparency::MemoryLog forged(8);
  forged.grow(5);
  ann_.keeper.show(forged);
  EXPECT_EQ(ann_.follower->check().error().alarm, Alarm::bad_signature);
  EXPECT_EQ(ann_.context->log_status().size, 0U);
}

TEST_F(DeviceLogFollowerTest, TellsOfDevicesInOnesOwnNameOnceEnc8) {
  ASSERT_TRUE(ann_.follower->check());
  // Of anybody, and more than one request carries.
  organisation_.log.grow(transparency::LogView::kMostEntriesAtOnce * 2);
  Device mine = ann_.device;
  mine.device_id = ben_.device.device_id;
  organisation_.enter(mine, ben_.certificate);
  organisation_.enter(ann_.device, ann_.certificate);  // This device's own, renewed.
  const auto told = ann_.follower->check();
  ASSERT_TRUE(told) << told.error().rule_text();
  ASSERT_EQ(told->size(), 1U);
  EXPECT_EQ(told->front().device_id, mine.device_id);
  EXPECT_EQ(told->front().issued_at, static_cast<std::uint64_t>(kNow - kDay));
  EXPECT_FALSE(ann_.context->log_status().unread);
  EXPECT_TRUE(ann_.follower->check()->empty());
  ann_.restart(ann_.kept_log);
  EXPECT_TRUE(ann_.follower->check()->empty());
}

TEST_F(DeviceLogFollowerTest, ComparesWhatAnotherMemberSawWhicheverOfThemIsAheadEnc8) {
  ASSERT_TRUE(ann_.follower->check());
  const std::string older = organisation_.log.checkpoint(1);
  organisation_.log.grow(4);
  EXPECT_TRUE(ann_.follower->compare(older));
  EXPECT_TRUE(ann_.follower->compare(organisation_.log.checkpoint())) << "the server shows it to her as well";
  EXPECT_EQ(ann_.context->log_status().size, 4U);
  EXPECT_TRUE(ann_.follower->compare("signed by nobody")) << "says nothing of the log";
  EXPECT_TRUE(ann_.follower->compare(transparency::MemoryLog(8).signer.verifier().name()));
}

TEST_F(DeviceLogFollowerTest, TwoHistoriesComeToLightInEitherDirectionEnc8) {
  ASSERT_TRUE(ann_.follower->check());
  transparency::MemoryLog theirs;
  theirs.grow(1);
  EXPECT_EQ(ann_.follower->compare(theirs.checkpoint()).error().alarm, Alarm::forked) << "theirs is shorter";
  theirs.grow(9);
  EXPECT_EQ(ann_.follower->compare(theirs.checkpoint()).error().alarm, Alarm::forked)
      << "theirs is longer than what the server shows her";
  organisation_.log.grow(9);
  EXPECT_EQ(ann_.follower->compare(theirs.checkpoint()).error().alarm, Alarm::forked) << "of one length";
  EXPECT_TRUE(ann_.follower->compare(organisation_.log.checkpoint()));
}

}  // namespace
}  // namespace wardline::conversation::testing
