// What the composer is told before anything is encrypted.
#include "server/delivery/send_decision.h"

#include "server/delivery/ward_test.h"

namespace wardline::delivery {
namespace {

class Decisions : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    ward.emplace(GetParam());
    decisions.emplace(*ward->parts, ward->people);
  }

  std::optional<Ward> ward;
  std::optional<SendDecisions> decisions;
};
WARDLINE_ON_EACH_ENGINE(Decisions);

TEST_P(Decisions, TheSenderIsToldWhatWillBeAskedAboutWhomAndNothingIsWritten) {
  const auto clinician = ward->new_device();
  const auto stranger = ward->new_device().user;
  ward->people.people[stranger].confirmed = false;
  ward->people.people[stranger].on_care_team = false;
  const auto answer =
      decisions->decide(clinician.subject(), {clinician.user, stranger}, core::new_id<core::PatientId>());
  ASSERT_TRUE(answer && answer->permit);
  std::vector<policy::ObligationKind> kinds;
  for (const auto& duty : answer->obligations) {
    EXPECT_EQ(duty.user, stranger) << "nobody is asked about themselves";
    kinds.push_back(duty.kind);
  }
  using enum policy::ObligationKind;
  EXPECT_EQ(kinds, (std::vector{confirm_contact, confirm_cross_service, reason})) << "CH-10, SAF-4, MSG-8";
  EXPECT_TRUE(ward->entries().empty());
}

TEST_P(Decisions, ADenialIsAnAnswerAndAnUnknownPersonAnError) {
  const auto clinician = ward->new_device();
  const auto leaver = ward->new_device().user;
  ward->people.people[leaver].active = false;
  const auto denied = decisions->decide(clinician.subject(), {leaver}, {});
  ASSERT_TRUE(denied.has_value());
  EXPECT_FALSE(denied->permit);
  EXPECT_EQ(denied->denied->code, "not-permitted");
  EXPECT_EQ(decisions->decide(clinician.subject(), {core::new_id<core::UserId>()}, {}).error().code,
            "person-not-found");
}

}  // namespace
}  // namespace wardline::delivery
