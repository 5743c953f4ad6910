// What the server wants to know about people before they come into a conversation, asked of programs that
// skip the question and of the client library, which does not.
#include "client/account/uuid.h"
#include "client/messaging/device_state.h"
#include "tests/client/hospital.h"

namespace wardline::client::testing {
namespace {

/// Omar works in Cardiology, and Denise Williams is a patient of General medicine: he is not on her care
/// team.
const Confirmations kOmar{.people = {{"Omar Haddad", "Interventional cardiologist"}}, .cross_service = true};
const PatientIdentifiers kPatient{.mrn = "40012486", .birth_date = "1962-01-17"};

class RecipientsTest : public HospitalTest {
 protected:
  struct Said {
    std::string code;
    int status = 0;
    std::string detail = {};
  };
  static Said post(const Seat& by, const std::string& path, const json::object& body) {
    const auto answer = by.client->api().call("POST", path, &body);
    return answer ? Said{"accepted"}
                  : Said{answer.error().code, answer.error().status, answer.error().detail};
  }
  /// A beginning whose MLS is no MLS: what is refused for its people is refused before that is looked at.
  static json::object beginning(const Seat& by, const std::vector<std::string>& users) {
    const auto match = by.client->api().match_patient(kPatient);
    if (!match) throw std::runtime_error(match.error().code);
    json::array ids;
    for (const auto& user : users) ids.push_back(json::string(user));
    return {{"conversation_id", new_uuid()},
            {"kind", "group"},
            {"user_ids", ids},
            {"match_id", match->match_id},
            {"group_info_0", "AAEC"},
            {"commit", "AAEC"},
            {"welcome", "AAEC"},
            {"group_info", "AAEC"}};
  }
  /// Entries of the audit log with this reason.
  std::int64_t stated() {
    return hospital_.count("SELECT COUNT(*) FROM audit_entries WHERE entry LIKE '%\"why\":\"consult\"%'");
  }
  std::int64_t conversations() { return hospital_.count("SELECT COUNT(*) FROM conversations"); }
};

TEST_F(RecipientsTest, Saf4Msg8AProgramThatSkipsTheQuestionsBeginsNothing) {
  Seat ruth(hospital_, "ruth.cohen");
  const std::string omar = ruth.client->find_person("Omar Haddad")->user_id;
  const std::string samuel = ruth.client->find_person("Samuel Price")->user_id;
  for (const auto& user : {omar, samuel}) ASSERT_TRUE(ruth.client->api().confirm_contact(user));
  auto body = beginning(ruth, {omar, samuel});
  const auto said = [&](std::string_view confirmed) {
    if (!confirmed.empty()) body["confirmed"] = boost::json::parse(confirmed);
    const auto answer = post(ruth, "/v1/conversations", body);
    return answer.code + " " + std::to_string(answer.status);
  };
  const std::string cross = R"({"cross_service": [")" + omar + R"("])";
  const auto because = [](std::string_view word, const std::string& user) {
    return R"(, "reason": {"word": ")" + std::string(word) + R"(", "user_ids": [")" + user + R"("]}})";
  };
  EXPECT_EQ(said(""), "recipients-unconfirmed 422") << "what a client of before says";
  EXPECT_EQ(said("{}"), "recipients-unconfirmed 422");
  EXPECT_EQ(said(cross + "}"), "recipients-unconfirmed 422") << "no reason";
  EXPECT_EQ(said(cross + because("consult", samuel)), "recipients-unconfirmed 422") << "about somebody else";
  EXPECT_EQ(said(cross + because("curiosity", omar)), "invalid-field 400") << "no word of the list";
  EXPECT_EQ(said(cross + R"(, "reason": {"word": "consult"}})"), "invalid-field 400") << "about nobody";
  EXPECT_EQ(said(cross + R"(, "reason": "consult"})"), "invalid-field 400");
  EXPECT_EQ(said(R"({"everything": true})"), "invalid-field 400");
  EXPECT_EQ(said(cross + because("consult", omar)), "mls-rejected 422") << "nothing is left to ask";
  EXPECT_EQ(conversations(), 0);
  EXPECT_EQ(stated(), 0);
}

TEST_F(RecipientsTest, AProgramOfBeforeIsToldWhatToDo) {
  Seat ruth(hospital_, "ruth.cohen");
  const std::string omar = ruth.client->find_person("Omar Haddad")->user_id;
  const auto refused = post(ruth, "/v1/conversations", beginning(ruth, {omar}));
  EXPECT_NE(refused.detail.find("Confirm first that this is the right person"), std::string::npos)
      << refused.detail;
  EXPECT_NE(refused.detail.find("update it"), std::string::npos) << refused.detail;
  const auto asked =
      post(ruth, "/v1/send-decision",
           {{"user_ids", json::array{json::string(omar)}}, {"priority", "routine"}, {"reason", "consult"}});
  EXPECT_EQ(asked.code, "invalid-field");
  EXPECT_NE(asked.detail.find("update it"), std::string::npos) << asked.detail;
}

TEST_F(RecipientsTest, Msg8WhatWasAnsweredGoesWithTheCallThatBeginsAndIsOnRecord) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat omar(hospital_, "omar.haddad");
  StartRequest request{.user_ids = {omar.user_id()}, .confirmed = kOmar};
  request.patient = *ruth.client->api().match_patient(kPatient);
  EXPECT_EQ(ruth.client->start(request).error().code, "needs-confirmation") << "no reason yet";
  request.confirmed.reason = "curiosity";
  EXPECT_EQ(ruth.client->start(request).error().code, "needs-confirmation");
  request.confirmed.reason = "consult";
  const auto id = ruth.client->start(request);
  ASSERT_TRUE(id) << id.error().code << ": " << id.error().detail;
  EXPECT_EQ(stated(), 1);
  ASSERT_TRUE(ruth.send(*id, "Could you look at her ECG?"));
  omar.sync();
  EXPECT_EQ(omar.texts(*id), Texts{"Could you look at her ECG?"});
}

TEST_F(RecipientsTest, Saf4AnswersAboutWhomACommitAddsGoWithItAlsoWhenItIsMadeAnew) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  Seat grace(hospital_, "grace.okafor");
  Seat omar(hospital_, "omar.haddad");
  const auto id = begin(ruth, {&samuel, &grace});
  // Samuel's commit takes the epoch that Ruth believes in; hers is made again on what it left.
  ASSERT_TRUE(samuel.client->remove(id, grace.user_id()));
  const auto added = ruth.client->add(id, {omar.user_id()}, kOmar);
  ASSERT_TRUE(added) << added.error().code << ": " << added.error().detail;
  ASSERT_TRUE(ruth.send(id, "Welcome"));
  omar.sync();
  EXPECT_EQ(omar.texts(id), Texts{"Welcome"});
}

}  // namespace
}  // namespace wardline::client::testing
