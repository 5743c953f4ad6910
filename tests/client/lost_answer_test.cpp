// A conversation was begun, and its answer never came: whoever tries again has begun one conversation, not
// two.
#include "tests/client/hospital.h"
#include "tests/client/lossy_line.h"

namespace wardline::client::testing {
namespace {

const PatientIdentifiers kPatient{.mrn = "40012486", .birth_date = "1962-01-17"};

class LostAnswerTest : public HospitalTest {
 protected:
  void SetUp() override {
    line_ = std::make_unique<LossyLine>(hospital_.port(), hospital_.move_behind_a_line());
  }

  /// The bundle that begins a conversation is the only large request of a start.
  static constexpr std::size_t kBundle = 3000;
  void lose(const Seat& by, const StartRequest& request) {
    const auto before = conversations();
    line_->lose_answer_to(kBundle);
    EXPECT_EQ(by.client->start(request).error().code, "no-connection");
    ASSERT_TRUE(line_->is_dead());
    ASSERT_EQ(conversations(), before + 1) << "the server has it";
    line_->mend();
  }
  std::int64_t conversations() { return hospital_.count("SELECT COUNT(*) FROM conversations"); }

  std::unique_ptr<LossyLine> line_;
};

TEST_F(LostAnswerTest, WhoeverStartsAgainGetsTheConversationThatWasBegun) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  const StartRequest request{.user_ids = {samuel.user_id()}, .title = "Bed 12", .confirmed = kEverybody};
  lose(ruth, request);
  const auto id = ruth.client->start(request);
  ASSERT_TRUE(id) << id.error().code << ": " << id.error().detail;
  EXPECT_EQ(conversations(), 1);
  samuel.sync();
  EXPECT_EQ(samuel.texts(*id), Texts{"Bed 12"});
  ASSERT_TRUE(samuel.send(*id, "Coming"));
  ruth.sync();
  EXPECT_EQ(ruth.texts(*id), (Texts{"Bed 12", "Coming"}));
  const auto second = ruth.client->start(request);
  ASSERT_TRUE(second);
  EXPECT_NE(*second, *id) << "something was said in the first: this one is meant to be another";
  EXPECT_EQ(conversations(), 2);
}

TEST_F(LostAnswerTest, SoDoesTheNextRunOfTheProgramAlsoAboutAPatientMatchedAnew) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  StartRequest request{.user_ids = {samuel.user_id()}, .confirmed = kEverybody};
  request.patient = *ruth.client->api().match_patient(kPatient);
  lose(ruth, request);
  ruth.crash();
  ruth.open_client();
  request.patient = *ruth.client->api().match_patient(kPatient);
  const auto id = ruth.client->start(request);
  ASSERT_TRUE(id) << id.error().code << ": " << id.error().detail;
  EXPECT_EQ(conversations(), 1);
  ASSERT_TRUE(ruth.send(*id, "Potassium 5.9"));
  samuel.sync();
  EXPECT_EQ(samuel.texts(*id), Texts{"Potassium 5.9"});
}

TEST_F(LostAnswerTest, OtherPeopleOrAnotherPatientAreAnotherConversation) {
  Seat ruth(hospital_, "ruth.cohen");
  Seat samuel(hospital_, "samuel.price");
  Seat grace(hospital_, "grace.okafor");
  StartRequest request{.user_ids = {samuel.user_id()}, .confirmed = kEverybody};
  lose(ruth, request);
  request.patient = *ruth.client->api().match_patient(kPatient);
  const auto about = ruth.client->start(request);
  ASSERT_TRUE(about);
  EXPECT_EQ(conversations(), 2) << "SAF-1: the first is about nobody";
  EXPECT_EQ(ruth.client->conversation(*about)->patient_id, request.patient->patient.patient_id);
  request.user_ids.push_back(grace.user_id());
  ASSERT_TRUE(ruth.client->start(request));
  EXPECT_EQ(conversations(), 3);
  request = {.user_ids = {samuel.user_id()}, .kind = ConversationKind::group, .confirmed = kEverybody};
  ASSERT_TRUE(ruth.client->start(request));
  EXPECT_EQ(conversations(), 4) << "a group is open to more";
}

}  // namespace
}  // namespace wardline::client::testing
