#include <map>
#include <set>
#include <type_traits>

#include <gtest/gtest.h>

#include "server/policy/decide.h"

namespace wardline::policy {
namespace {

Subject somebody(Role role, Stage stage = Stage::device_bound) {
  Subject subject;
  subject.user = core::new_id<core::UserId>();
  subject.role = role;
  subject.stage = stage;
  subject.service_lines = {core::new_id<core::ServiceLineId>()};
  return subject;
}

/// A resource for which every fact that could permit is true.
Resource everything_of(const Subject& subject) {
  Resource resource;
  resource.owner = subject.user;
  resource.member = resource.care_team = resource.patient_conversation = true;
  return resource;
}

// The whole policy at a glance. Columns: clinician, resident, charge nurse, nurse, privacy officer, admin;
// "y" permits when all facts are in favour. Whoever changes a rule changes this table, and a reviewer sees
// it.
const std::map<std::string_view, std::string_view> kMatrix = {
    {"public.health", "yyyyyy"},       {"public.sign-in", "yyyyyy"},      {"public.web-client", "yyyyyy"},
    {"session.read", "yyyyyy"},        {"session.end", "yyyyyy"},         {"session.bind-device", "yyyyyy"},
    {"factor.read", "yyyyyy"},         {"factor.add", "yyyyyy"},          {"factor.remove", "yyyyyy"},
    {"device.enrol", "yyyyyy"},        {"device.read", "yyyyyy"},         {"device.revoke", "yyyyyy"},
    {"device-log.read", "yyyyyy"},     {"device-log.report", "yyyyyy"},   {"storage-share.read", "yyyyyy"},
    {"key-package.publish", "yyyyyy"}, {"key-package.claim", "yyyyyy"},   {"directory.read", "yyyyyy"},
    {"contact.confirm", "yyyyyy"},     {"on-call.read", "yyyyyy"},        {"patient.match", "yyyy--"},
    {"patient.read", "yyyy--"},        {"patient.list", "yyyy--"},        {"delivery-service.read", "yyyyyy"},
    {"send.decide", "yyyyyy"},         {"conversation.create", "yyyyyy"}, {"conversation.list", "yyyyyy"},
    {"conversation.read", "yyyyyy"},   {"message.send", "yyyyyy"},        {"commit.send", "yyyyyy"},
    {"proposal.send", "yyyyyy"},       {"group-info.read", "yyyyyy"},     {"receipt.send", "yyyyyy"},
    {"delivery.report", "yyyyyy"},     {"welcome.read", "yyyyyy"},        {"file.begin", "yyyyyy"},
    {"file.write", "yyyyyy"},          {"file.complete", "yyyyyy"},       {"file.cancel", "yyyyyy"},
    {"file.read", "yyyyyy"},           {"socket.open", "yyyyyy"},         {"audit.read", "----y-"},
    {"data.export", "----y-"},         {"user.manage", "-----y"},         {"directory.manage", "-----y"},
    {"on-call.manage", "--y--y"},      {"patient.manage", "------"},      {"policy.read", "----yy"},
    {"policy.manage", "-----y"},
};

TEST(Policy, EveryRoleTimesEveryActionIsWrittenDown) {
  ASSERT_EQ(kMatrix.size(), all_actions().size());
  for (const auto& info : all_actions()) {
    std::string row;
    for (std::size_t role = 0; role < kRoleCount; ++role) {
      const auto subject = somebody(static_cast<Role>(role));
      const auto decision = decide(built_in_policy(), subject, info.action, everything_of(subject));
      row += decision.permitted() ? 'y' : '-';
    }
    ASSERT_TRUE(kMatrix.contains(info.name)) << info.name;
    EXPECT_EQ(row, kMatrix.at(info.name)) << info.name;
  }
}

TEST(Policy, IAM5_WhatNoRulePermitsIsDenied) {
  const Policy empty{.version = 9, .rules = {}};
  for (const auto& info : all_actions()) {
    const auto subject = somebody(Role::admin);
    const auto decision = decide(empty, subject, info.action, everything_of(subject));
    EXPECT_FALSE(decision.permitted()) << info.name;
    EXPECT_EQ(decision.code, "not-permitted");
    EXPECT_EQ(decision.policy_version, 9);
  }
}

TEST(Policy, NoActionIsPermittedBelowItsStage) {
  for (const auto& info : all_actions()) {
    for (const Stage stage : {Stage::none, Stage::signed_in}) {
      if (stage >= info.stage) continue;
      const auto subject = somebody(Role::clinician, stage);
      const auto decision = decide(built_in_policy(), subject, info.action, everything_of(subject));
      EXPECT_EQ(decision.code, "stage-too-low") << info.name;
      EXPECT_EQ(denial(decision, info.action).kind, core::ErrorKind::unauthenticated) << info.name;
    }
  }
}

TEST(Policy, WhatMayBeAttemptedIsWhatSomeFactCouldPermit) {
  for (const auto& info : all_actions()) {
    for (std::size_t role = 0; role < kRoleCount; ++role) {
      const auto subject = somebody(static_cast<Role>(role));
      const bool possible =
          decide(built_in_policy(), subject, info.action, everything_of(subject)).permitted();
      EXPECT_EQ(may_attempt(built_in_policy(), subject, info.action).permitted(), possible) << info.name;
    }
  }
  EXPECT_EQ(
      may_attempt(built_in_policy(), somebody(Role::nurse, Stage::signed_in), Action::patient_match).code,
      "stage-too-low");
}

struct Example {
  const char* about;
  Role role;
  Action action;
  Resource resource;
  bool permitted;
};

TEST(Policy, ExamplesOfWhoMayWhat) {
  const Resource nothing;
  Resource others;
  others.owner = core::new_id<core::UserId>();
  Resource care_team;
  care_team.care_team = true;
  Resource about_patient;
  about_patient.patient_conversation = true;
  Resource member;
  member.member = true;
  const Example examples[] = {
      {"a nurse cannot revoke somebody else's device", Role::nurse, Action::device_revoke, others, false},
      {"an administrator can", Role::admin, Action::device_revoke, others, true},
      {"nobody removes another person's factor", Role::admin, Action::factor_remove, others, false},
      {"nobody reads another device's storage share", Role::admin, Action::storage_share_read, others, false},
      {"an unrelated clinician cannot read a patient", Role::clinician, Action::patient_read, nothing, false},
      {"the care team can", Role::nurse, Action::patient_read, care_team, true},
      {"so can a member of a conversation about the patient", Role::clinician, Action::patient_read,
       about_patient, true},
      {"an administrator sees no patient even then", Role::admin, Action::patient_read, care_team, false},
      {"who is no member cannot read a conversation", Role::clinician, Action::conversation_read, nothing,
       false},
      {"who is no member cannot send", Role::privacy_officer, Action::message_send, nothing, false},
      {"a member can", Role::nurse, Action::message_send, member, true},
      {"a clinician cannot read the audit log", Role::clinician, Action::audit_read, nothing, false},
  };
  for (const auto& example : examples) {
    const auto decision = decide(built_in_policy(), somebody(example.role), example.action, example.resource);
    EXPECT_EQ(decision.permitted(), example.permitted) << example.about;
  }
}

TEST(Policy, IAM5_ContractorsCannotExportWhateverTheirRole) {
  auto subject = somebody(Role::privacy_officer);
  EXPECT_TRUE(decide(built_in_policy(), subject, Action::data_export, {}).permitted());
  subject.employment = Employment::contractor;
  const auto decision = decide(built_in_policy(), subject, Action::data_export, {});
  EXPECT_FALSE(decision.permitted());
  EXPECT_EQ(decision.rule, "D-1");
  const auto permissions = permissions_of(built_in_policy(), subject);
  EXPECT_EQ(std::ranges::find(permissions, Action::data_export), permissions.end());
  EXPECT_NE(std::ranges::find(permissions, Action::audit_read), permissions.end());
}

std::multiset<ObligationKind> obligations_for(const Subject& subject, const Recipient& recipient) {
  Resource resource;
  resource.member = true;
  resource.recipient = recipient;
  std::multiset<ObligationKind> kinds;
  for (const auto& duty : decide(built_in_policy(), subject, Action::message_send, resource).obligations) {
    EXPECT_EQ(duty.user, recipient.user);
    EXPECT_FALSE(duty.text.empty());
    kinds.insert(duty.kind);
  }
  return kinds;
}

TEST(Policy, CH10_AFirstContactMustBeConfirmedAndOnlyTheFirst) {
  const auto subject = somebody(Role::clinician);
  Recipient recipient{.user = core::new_id<core::UserId>(), .service_lines = subject.service_lines};
  EXPECT_EQ(obligations_for(subject, recipient), (std::multiset{ObligationKind::confirm_contact}));
  recipient.contact_confirmed = true;
  EXPECT_TRUE(obligations_for(subject, recipient).empty());
}

TEST(Policy, SAF4_AnotherServiceIsConfirmedAndAResidentSaysWhy) {
  Recipient recipient{.user = core::new_id<core::UserId>(),
                      .contact_confirmed = true,
                      .service_lines = {core::new_id<core::ServiceLineId>()}};
  EXPECT_EQ(obligations_for(somebody(Role::clinician), recipient),
            (std::multiset{ObligationKind::confirm_cross_service}));
  EXPECT_EQ(obligations_for(somebody(Role::resident), recipient),
            (std::multiset{ObligationKind::confirm_cross_service, ObligationKind::reason}));
}

TEST(Policy, MSG8_WritingToSomebodyOutsideTheCareTeamNeedsAReason) {
  const auto subject = somebody(Role::nurse);
  const Recipient recipient{.user = core::new_id<core::UserId>(),
                            .contact_confirmed = true,
                            .service_lines = subject.service_lines,
                            .on_care_team = false};
  EXPECT_EQ(obligations_for(subject, recipient), (std::multiset{ObligationKind::reason}));
}

TEST(Policy, WritingToOneselfNeedsNoConfirmation) {
  const auto subject = somebody(Role::resident);
  EXPECT_TRUE(obligations_for(subject, {.user = subject.user, .on_care_team = false}).empty());
}

TEST(Policy, ADenialBeatsEveryPermitAndCarriesNoObligations) {
  const auto subject = somebody(Role::clinician);
  Resource resource = everything_of(subject);
  resource.recipient = Recipient{.user = core::new_id<core::UserId>(), .active = false};
  const auto decision = decide(built_in_policy(), subject, Action::message_send, resource);
  EXPECT_FALSE(decision.permitted());
  EXPECT_EQ(decision.rule, "D-2");
  EXPECT_TRUE(decision.obligations.empty());
}

TEST(Policy, IAM14_ADecisionExplainsItselfInWords) {
  const auto text = explain(built_in_policy(), somebody(Role::clinician), Action::patient_read, {});
  EXPECT_NE(text.find("A clinician may not read a patient's header here (policy version 1)."),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Rule P-8 does not apply; it permits if they are on the patient's care team"),
            std::string::npos)
      << text;
  const auto silent = explain(built_in_policy(), somebody(Role::nurse), Action::audit_read, {});
  EXPECT_NE(silent.find("No rule speaks about it"), std::string::npos) << silent;
  const auto early =
      explain(built_in_policy(), somebody(Role::nurse, Stage::signed_in), Action::patient_list, {});
  EXPECT_NE(early.find("Needed: signed in at a registered device"), std::string::npos) << early;
}

TEST(Policy, RuleIdsAreUniqueAndEveryRuleSaysWhy) {
  std::set<std::string_view> ids;
  for (const auto& rule : built_in_policy().rules) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.because.empty()) << rule.id;
  }
}

TEST(Policy, NamesOfActionsAndRolesRoundTrip) {
  for (const auto& info : all_actions()) EXPECT_EQ(find_action(info.name), info.action);
  EXPECT_FALSE(find_action("patient.delete").has_value());
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    EXPECT_EQ(find_role(name_of(static_cast<Role>(role))), static_cast<Role>(role));
  }
  EXPECT_FALSE(find_role("superuser").has_value());
}

// The proof cannot be made up: only `authorize` constructs it.
static_assert(!std::is_constructible_v<Authorized<Action::audit_read>, Subject, Decision>);
static_assert(!std::is_default_constructible_v<Authorized<Action::audit_read>>);
static_assert(!std::is_convertible_v<Authorized<Action::audit_read>, Authorized<Action::data_export>>);

TEST(Policy, TheProofCarriesWhoAskedAndUnderWhichRule) {
  const auto officer = somebody(Role::privacy_officer);
  const auto proof = authorize<Action::audit_read>(built_in_policy(), officer);
  ASSERT_TRUE(proof.has_value());
  EXPECT_EQ(proof->subject().user, officer.user);
  EXPECT_EQ(proof->decision().rule, "P-12");
  const auto refused = authorize<Action::audit_read>(built_in_policy(), somebody(Role::nurse));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, core::ErrorKind::denied);
}

}  // namespace
}  // namespace wardline::policy
