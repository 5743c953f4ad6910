// Clients that do not ask, or lie about what was answered: no conversation begins, and nobody comes into one,
// before everything that policy wants to know about them has been answered.
#include "server/delivery/recipient_check.h"

#include "server/delivery/ward_test.h"

namespace wardline::delivery {
namespace {

using Facts = std::vector<std::pair<std::string_view, std::int64_t>>;

class Recipients : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) ward.emplace(GetParam());
  }

  /// Somebody of another service who is not on the patient's care team.
  TestDevice outsider() {
    auto device = ward->new_device();
    ward->people.people[device.user].on_care_team = false;
    return device;
  }
  CreateConversation request(TestDevice& by, const std::vector<TestDevice*>& others) {
    for (TestDevice* other : others) ward->publish(*other, 1);
    auto made =
        ward->creation_request(by, core::new_id<core::ConversationId>(), others, ConversationKind::group);
    made.match_id = "good";
    made.answers = {};
    return made;
  }
  static Answers answers(const std::vector<core::UserId>& about, StatedReason why) {
    Answers made = Ward::confirming(about);
    made.reason = {.why = why, .about = {about.begin(), about.end()}};
    return made;
  }
  core::Result<void> create(const TestDevice& by, const CreateConversation& request) {
    return ward->creation->create(by.subject(), request);
  }
  std::int64_t rows(storage::Sql sql) {
    return *ward->database->read([&](storage::ReadTransaction& tx) -> core::Result<std::int64_t> {
      return tx.query(sql).front().get<std::int64_t>(0);
    });
  }
  std::int64_t conversations() { return rows("SELECT COUNT(*) FROM conversations"); }
  std::int64_t log_entries() { return rows("SELECT COUNT(*) FROM conversation_log"); }
  std::vector<audit::Entry> answered() {
    std::vector<audit::Entry> entries;
    for (auto& entry : ward->entries())
      if (entry.act.name() == "send.decide") entries.push_back(std::move(entry));
    return entries;
  }

  std::optional<Ward> ward;
};
WARDLINE_ON_EACH_ENGINE(Recipients);

TEST_P(Recipients, WithoutAnswersNothingBeginsAndTheAttemptIsOnRecord) {
  auto by = ward->new_device();
  auto other = outsider();
  const auto refused = create(by, request(by, {&other}));
  ASSERT_FALSE(refused.has_value()) << "SAF-4, MSG-8";
  EXPECT_EQ(refused.error().code, "recipients-unconfirmed");
  EXPECT_EQ(refused.error().kind, core::ErrorKind::rejected);
  EXPECT_EQ(refused.error().facts, (Facts{{"confirm_cross_service", 1}, {"reason", 1}}));
  EXPECT_EQ(conversations(), 0);
  EXPECT_EQ(rows("SELECT COUNT(*) FROM welcomes"), 0);
  EXPECT_TRUE(answered().empty());
  EXPECT_EQ(ward->audit_entries("conversation.create", "failed"), 1) << "AUD-1";
}

TEST_P(Recipients, WhatWasAnsweredIsOnRecordWithTheConversationAndWhomItIsAbout) {
  auto by = ward->new_device();
  auto inside = ward->new_device();
  auto outside = outsider();
  auto bundle = request(by, {&inside, &outside});
  bundle.answers = answers({inside.user, outside.user}, StatedReason::on_call);
  ASSERT_TRUE(create(by, bundle).has_value());
  const auto entries = answered();
  ASSERT_EQ(entries.size(), 2U) << "AUD-1: one for each rule that asked";
  EXPECT_EQ(entries[0].rule, audit::Code("O-2"));
  EXPECT_EQ(entries[0].reason, audit::Code("confirmed"));
  EXPECT_EQ(entries[0].recipients, (std::vector{inside.user, outside.user}));
  EXPECT_EQ(entries[1].rule, audit::Code("O-4")) << "MSG-8: outside the patient's care team";
  EXPECT_EQ(entries[1].reason, audit::Code("on-call"));
  EXPECT_EQ(entries[1].recipients, std::vector{outside.user}) << "whoever is on the care team needs none";
  for (const auto& entry : entries) {
    EXPECT_EQ(entry.outcome, audit::Outcome::done);
    EXPECT_EQ(entry.objects, std::vector<audit::Object>{bundle.conversation});
    EXPECT_TRUE(entry.patient.has_value());
  }
}

TEST_P(Recipients, AReasonOrAConfirmationAboutSomebodyElseIsNone) {
  auto by = ward->new_device();
  auto one = outsider();
  auto two = outsider();
  auto bundle = request(by, {&one, &two});
  bundle.answers = answers({one.user, by.user, core::new_id<core::UserId>()}, StatedReason::consult);
  const auto refused = create(by, bundle);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().facts, (Facts{{"confirm_cross_service", 1}, {"reason", 1}}));
  bundle.answers.cross_service.insert(two.user);
  EXPECT_EQ(create(by, bundle).error().facts, (Facts{{"reason", 1}}));
  EXPECT_EQ(conversations(), 0);
}

TEST_P(Recipients, AResidentSaysWhyToAnotherServiceAndEachRuleThatAskedIsOnRecord) {
  auto by = ward->new_device();
  by.role = policy::Role::resident;
  auto inside = ward->new_device();
  auto bundle = request(by, {&inside});
  bundle.answers = Ward::confirming({inside.user});
  EXPECT_EQ(create(by, bundle).error().facts, (Facts{{"reason", 1}})) << "IAM-6";
  bundle.answers = answers({inside.user}, StatedReason::consult);
  ASSERT_TRUE(create(by, bundle).has_value());
  EXPECT_EQ(answered().back().rule, audit::Code("O-3"));
  EXPECT_EQ(answered().back().reason, audit::Code("consult"));
}

TEST_P(Recipients, WhatIsTrueWhenItBeginsCountsAndNotWhatWasTrueWhenItWasAsked) {
  auto by = ward->new_device();
  auto other = ward->new_device();
  auto bundle = request(by, {&other});
  bundle.answers = Ward::confirming({other.user});
  // Asked, found to be known and on the care team, and neither any more.
  ward->people.people[other.user].confirmed = false;
  ward->people.people[other.user].on_care_team = false;
  EXPECT_EQ(create(by, bundle).error().facts, (Facts{{"confirm_contact", 1}, {"reason", 1}})) << "CH-10";
  // Another device of the sender confirms the contact, and says why here.
  ward->people.people[other.user].confirmed = true;
  bundle.answers = answers({other.user}, StatedReason::handover);
  EXPECT_TRUE(create(by, bundle).has_value());
}

TEST_P(Recipients, ARetryOfWhatWasAcceptedIsAcceptedWhateverIsTrueByThenAndWritesNothing) {
  auto by = ward->new_device();
  auto other = outsider();
  auto bundle = request(by, {&other});
  bundle.answers = answers({other.user}, StatedReason::emergency);
  ASSERT_TRUE(create(by, bundle).has_value());
  const auto before = ward->entries().size();
  ward->people.people[other.user].confirmed = false;
  ward->restart();  // Another node answers.
  EXPECT_TRUE(create(by, bundle).has_value());
  bundle.answers = {};
  EXPECT_TRUE(create(by, bundle).has_value());
  EXPECT_EQ(ward->entries().size(), before);
  EXPECT_EQ(conversations(), 1);
}

TEST_P(Recipients, NobodyComesIntoAConversationUnansweredAndTheSameCommitGoesThroughWithAnswers) {
  auto by = ward->new_device();
  auto first = ward->new_device();
  auto late = outsider();
  const auto conversation = ward->begin(by, {&first}, ConversationKind::group);
  auto commit = ward->commit(by, conversation, {.proposals = {ward->add_of(late)}});
  commit.users_added = {late.user};
  const auto entries_before = answered().size();
  const auto refused = ward->handshakes->commit(by.subject(), commit);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "recipients-unconfirmed");
  EXPECT_EQ(refused.error().facts, (Facts{{"confirm_cross_service", 1}, {"reason", 1}}));
  EXPECT_EQ(log_entries(), 1);
  EXPECT_FALSE(ward->conversations->find(late.subject(), conversation).has_value());
  EXPECT_EQ(ward->audit_entries("commit.send", "failed"), 1);
  commit.answers = answers({first.user}, StatedReason::consult);
  EXPECT_FALSE(ward->handshakes->commit(by.subject(), commit).has_value()) << "about somebody else";
  commit.answers = answers({late.user}, StatedReason::consult);
  ASSERT_TRUE(ward->handshakes->commit(by.subject(), commit).has_value());
  EXPECT_EQ(answered().size(), entries_before + 2);
  EXPECT_EQ(answered().back().objects, std::vector<audit::Object>{conversation});
  EXPECT_EQ(answered().back().recipients, std::vector{late.user});
  commit.answers = {};
  EXPECT_TRUE(ward->handshakes->commit(by.subject(), commit).has_value()) << "a retry";
  EXPECT_EQ(answered().size(), entries_before + 2);
}

TEST_P(Recipients, WhoeverIsInTheConversationAlreadyIsNotAskedAboutAgain) {
  auto by = ward->new_device();
  auto first = ward->new_device();
  const auto conversation = ward->begin(by, {&first}, ConversationKind::group);
  ward->people.people[first.user].confirmed = false;
  // Somebody else was faster to add them, and this commit was made for what was true before.
  auto commit = ward->commit(by, conversation, {.with_path = true});
  commit.users_added = {first.user};
  EXPECT_TRUE(ward->handshakes->commit(by.subject(), commit).has_value());
}

TEST_P(Recipients, AnswersToMorePeopleThanOneEntryHoldsAreOnRecordForAllOfThem) {
  auto by = ward->new_device();
  auto other = ward->new_device();
  const auto conversation = ward->begin(by, {&other});
  std::vector<policy::Obligation> duties;
  for (std::size_t i = 0; i < audit::kMostListed + 1; ++i)
    duties.push_back({policy::ObligationKind::reason, core::new_id<core::UserId>(), "O-4", ""});
  const auto before = answered().size();
  ASSERT_TRUE(ward->database->write([&](storage::Transaction& tx) -> core::Result<void> {
    ward->journal.answered(tx, by.subject(), *load_membership(tx, conversation), duties,
                           answers({}, StatedReason::emergency));
    return {};
  }));
  const auto entries = answered();
  ASSERT_EQ(entries.size(), before + 2);
  EXPECT_EQ(entries[before].recipients.size() + entries[before + 1].recipients.size(), duties.size());
}

}  // namespace
}  // namespace wardline::delivery
