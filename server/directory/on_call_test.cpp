#include "server/directory/on_call.h"

#include <gtest/gtest.h>

namespace wardline::directory {
namespace {

class OnCall : public ::testing::Test {
 protected:
  static core::Time hour(std::int64_t hours) { return {hours * 3'600'000'000}; }
  void shift(core::UserId user, std::int64_t from, std::int64_t until) {
    shifts_.push_back({core::new_id<ShiftId>(), role_, user, hour(from), hour(until)});
  }

  core::OnCallRoleId role_ = core::new_id<core::OnCallRoleId>();
  core::UserId anna_ = core::new_id<core::UserId>();
  core::UserId bert_ = core::new_id<core::UserId>();
  core::UserId cleo_ = core::new_id<core::UserId>();
  std::vector<Shift> shifts_;
};

TEST_F(OnCall, SAF5_TheRoleResolvesToWhoeverHasTheShiftAtThatTime) {
  shift(anna_, 8, 20);
  shift(bert_, 20, 32);
  EXPECT_EQ(shift_at(shifts_, hour(8))->user, anna_);
  EXPECT_EQ(shift_at(shifts_, hour(20))->user, bert_) << "the end of a shift belongs to the next";
  EXPECT_FALSE(shift_at(shifts_, hour(7)).has_value());
  EXPECT_FALSE(shift_at(shifts_, hour(32)).has_value());
  const auto duty = duty_at(shifts_, hour(10));
  EXPECT_EQ(duty.now, anna_);
  EXPECT_EQ(duty.until, hour(20));
  EXPECT_EQ(duty.next, bert_);
}

TEST_F(OnCall, ASwapIsWrittenOverThePlan) {
  shift(anna_, 8, 20);
  shift(bert_, 20, 32);
  shift(cleo_, 12, 14);
  EXPECT_EQ(shift_at(shifts_, hour(13))->user, cleo_);
  EXPECT_EQ(shift_at(shifts_, hour(14))->user, anna_);
  const auto before = duty_at(shifts_, hour(10));
  EXPECT_EQ(before.until, hour(12));
  EXPECT_EQ(before.next, cleo_);
  EXPECT_EQ(duty_at(shifts_, hour(13)).next, anna_);
}

TEST_F(OnCall, TheLastEnteredCountsAmongShiftsThatBeginTogether) {
  shift(anna_, 8, 20);
  shift(bert_, 8, 20);
  EXPECT_EQ(shift_at(shifts_, hour(9))->user, bert_);
}

TEST_F(OnCall, TwoShiftsInARowAreOneDuty) {
  shift(anna_, 8, 20);
  shift(anna_, 20, 32);
  shift(bert_, 32, 44);
  const auto duty = duty_at(shifts_, hour(10));
  EXPECT_EQ(duty.until, hour(32));
  EXPECT_EQ(duty.next, bert_);
}

TEST_F(OnCall, AGapShowsAsNobodyAndWhoComesAfterIt) {
  shift(anna_, 8, 10);
  shift(anna_, 20, 22);
  EXPECT_EQ(duty_at(shifts_, hour(9)).until, hour(10));
  EXPECT_EQ(duty_at(shifts_, hour(9)).next, anna_) << "the same person again after the gap";
  const auto gap = duty_at(shifts_, hour(15));
  EXPECT_FALSE(gap.now.has_value());
  EXPECT_FALSE(gap.until.has_value());
  EXPECT_EQ(gap.next, anna_);
  EXPECT_FALSE(duty_at({}, hour(1)).next.has_value());
}

}  // namespace
}  // namespace wardline::directory
