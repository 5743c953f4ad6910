// What is asked of a sender before anything is encrypted, and what becomes of the answer.
#include "server/delivery/send_decision.h"

#include "server/delivery/ward_test.h"

namespace wardline::delivery {
namespace {

using policy::ObligationKind;

class Decisions : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    ward.emplace(GetParam());
    decisions.emplace(*ward->parts, ward->people);
  }
  /// Somebody of another service, on the patient's care team or not.
  core::UserId colleague(bool on_care_team) {
    const auto user = core::new_id<core::UserId>();
    ward->people.people[user].on_care_team = on_care_team;
    return user;
  }
  std::vector<ObligationKind> asked(const policy::Subject& subject, const std::vector<core::UserId>& users,
                                    std::optional<StatedReason> reason = {}) {
    const auto answer = decisions->decide(subject, users, patient, reason);
    EXPECT_TRUE(answer.has_value());
    std::vector<ObligationKind> kinds;
    for (const auto& duty : answer->obligations) kinds.push_back(duty.kind);
    return kinds;
  }
  std::vector<audit::Entry> stated() {
    std::vector<audit::Entry> entries;
    for (auto& entry : ward->entries())
      if (entry.act.name() == "send.decide") entries.push_back(std::move(entry));
    return entries;
  }

  std::optional<Ward> ward;
  std::optional<SendDecisions> decisions;
  core::PatientId patient = core::new_id<core::PatientId>();
};
WARDLINE_ON_EACH_ENGINE(Decisions);

TEST_P(Decisions, AReasonIsAskedForAndNothingIsWrittenUntilItIsGiven) {
  const auto clinician = ward->new_device().subject();
  EXPECT_EQ(asked(clinician, {colleague(false)}),
            (std::vector{ObligationKind::confirm_cross_service, ObligationKind::reason}));
  EXPECT_TRUE(stated().empty());
}

TEST_P(Decisions, AReasonThatIsGivenIsOnRecordWithWhomItIsAboutAndIsNotAskedForAgain) {
  const auto clinician = ward->new_device().subject();
  const auto outside = colleague(false);
  EXPECT_EQ(asked(clinician, {outside, colleague(true)}, StatedReason::on_call),
            (std::vector{ObligationKind::confirm_cross_service, ObligationKind::confirm_cross_service}));
  const auto entries = stated();
  ASSERT_EQ(entries.size(), 1U) << "AUD-1";
  EXPECT_EQ(entries[0].outcome, audit::Outcome::done);
  EXPECT_EQ(entries[0].reason, audit::Code("on-call"));
  EXPECT_EQ(entries[0].rule, audit::Code("O-4")) << "MSG-8: outside the patient's care team";
  EXPECT_EQ(entries[0].recipients, std::vector{outside}) << "whoever is on the care team needs none";
  EXPECT_EQ(entries[0].patient, ward->patients.of(patient));
}

TEST_P(Decisions, AResidentSaysWhyToAnotherServiceAndEachRuleThatAskedIsOnRecord) {
  auto device = ward->new_device();
  device.role = policy::Role::resident;
  const auto inside = colleague(true);
  const auto outside = colleague(false);
  asked(device.subject(), {inside, outside}, StatedReason::consult);
  const auto entries = stated();
  ASSERT_EQ(entries.size(), 2U) << "IAM-6, MSG-8";
  EXPECT_EQ(entries[0].rule, audit::Code("O-3"));
  EXPECT_EQ(entries[0].recipients, (std::vector{inside, outside}));
  EXPECT_EQ(entries[1].rule, audit::Code("O-4"));
  EXPECT_EQ(entries[1].recipients, std::vector{outside});
}

TEST_P(Decisions, AReasonThatNobodyAskedForIsNotOnRecord) {
  asked(ward->new_device().subject(), {colleague(true)}, StatedReason::other);
  EXPECT_TRUE(stated().empty());
}

TEST_P(Decisions, AReasonToMoreRecipientsThanOneEntryHoldsIsOnRecordForAllOfThem) {
  std::vector<core::UserId> many;
  for (std::size_t i = 0; i < audit::kMostListed + 1; ++i) many.push_back(colleague(false));
  asked(ward->new_device().subject(), many, StatedReason::emergency);
  const auto entries = stated();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].recipients.size() + entries[1].recipients.size(), many.size());
}

}  // namespace
}  // namespace wardline::delivery
