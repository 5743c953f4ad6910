#include "server/clinical/patients.h"

#include <gtest/gtest.h>

#include "lib/crypto/random.h"
#include "server/clinical/migrations.h"
#include "server/directory/directory.h"
#include "server/directory/migrations.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::clinical {
namespace {

using namespace std::chrono_literals;
using hospital::must;
using policy::Action;

struct TalksAbout final : PatientConversations {
  bool is_member_about(storage::ReadTransaction&, core::UserId user, core::PatientId patient) const override {
    return user == member && patient == about;
  }
  core::UserId member;
  core::PatientId about;
};

class PatientsTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(
        GetParam(), storage::gather({directory::migrations(), migrations()}));
    directory_ = must(directory::Directory::create(*hospital_->identity));
    patients_ = std::make_unique<Patients>(hospital_->environment, references_, &talks_);
    nurse_ = hospital_->add("nurse", policy::Role::nurse);
    doctor_ = hospital_->add("doctor", policy::Role::clinician);
    must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
      service_ = directory_->add_service(tx, author_, "Cardiology");
      location_ = directory_->add_location(tx, author_, "4 West");
      return {};
    }));
    maria_ = add("Hernández", "María José", "1950-02-28", "MRN-1001");
    add("Hernandez", "Maria", "1950-02-28", "MRN-1002");
    john_ = add("Smith", "John", "1972-11-03", "A 2003-4");
    as_nurse_ = hospital::IdentityHarness::requester(hospital_->at_new_device(nurse_).session);
    as_doctor_ = hospital::IdentityHarness::requester(hospital_->at_new_device(doctor_).session);
  }

  core::PatientId add(const char* family, const char* given, const char* birth_date, const char* mrn) {
    return must(hospital_->write([&](storage::Transaction& tx) -> core::Result<core::PatientId> {
      return patients_->add(tx, author_,
                            {.id = {},
                             .family_name = family,
                             .given_name = given,
                             .birth_date = birth_date,
                             .sex = "female",
                             .mrn = mrn,
                             .location = {location_, ""},
                             .bed = "12A",
                             .service = {service_, ""},
                             .allergies = {"Penicillin", "Latex"}});
    }));
  }
  void put_on_team(core::PatientId patient, core::UserId user) {
    must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
      patients_->add_to_care_team(tx, author_, patient, user);
      return {};
    }));
  }
  std::string_view match_error(const Identifiers& identifiers) {
    const auto match = patients_->match(as_nurse_, identifiers);
    return match ? "" : match.error().code;
  }
  core::Result<std::optional<MatchedPatient>> find(core::UserId user, const std::string& id) {
    return patients_->find_match(user, id);
  }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  std::unique_ptr<directory::Directory> directory_;
  audit::PatientReferenceKey references_{crypto::random_secret(32)};
  TalksAbout talks_;
  std::unique_ptr<Patients> patients_;
  const identity::ChangeAuthor author_ = identity::ChangeAuthor::system();
  core::ServiceLineId service_;
  core::LocationId location_;
  hospital::IdentityHarness::Somebody nurse_;
  hospital::IdentityHarness::Somebody doctor_;
  core::PatientId maria_;
  core::PatientId john_;
  identity::Requester as_nurse_;
  identity::Requester as_doctor_;
};
WARDLINE_ON_EACH_ENGINE(PatientsTest);

TEST_P(PatientsTest, SAF1_TwoIdentifiersFindThePatientHoweverTheyAreWritten) {
  const Identifiers ways[] = {
      {.mrn = "mrn 1001", .birth_date = "1950-02-28"},
      {.mrn = "MRN1001", .family_name = "HERNANDEZ"},
      {.mrn = "mrn-1001", .family_name = "Hernández", .given_name = "maria"},
  };
  for (const auto& way : ways) {
    const auto match = patients_->match(as_nurse_, way);
    ASSERT_TRUE(match.has_value());
    EXPECT_EQ(match->patient.id, maria_);
  }
  const auto john = must(patients_->match(
      as_nurse_, {.birth_date = "1972-11-03", .family_name = "smith", .given_name = "john"}));
  EXPECT_EQ(john.patient.mrn, "A 2003-4");
  EXPECT_EQ(john.patient.bed, "12A");
  EXPECT_EQ(john.patient.location.name, "4 West");
  EXPECT_EQ(john.patient.allergies, (std::vector<std::string>{"Penicillin", "Latex"}));
  EXPECT_EQ(john.matched_on, (std::vector<std::string_view>{"birth_date", "family_name", "given_name"}));
}

TEST_P(PatientsTest, SAF1_OneIdentifierIsTooFewWhoeverExists) {
  for (const auto& vague :
       {Identifiers{}, Identifiers{.mrn = "MRN-1001"}, Identifiers{.mrn = "MRN-9999"},
        Identifiers{.family_name = "Smith", .given_name = "John"}, Identifiers{.birth_date = "1972-11-03"}}) {
    EXPECT_EQ(match_error(vague), "two-identifiers-needed");
  }
}

TEST_P(PatientsTest, SAF1_EveryIdentifierMustFit) {
  EXPECT_EQ(match_error({.mrn = "MRN-1001", .birth_date = "1950-03-28"}), "patient-not-found");
  EXPECT_EQ(match_error({.mrn = "MRN-1001", .birth_date = "1950-02-28", .family_name = "Smith"}),
            "patient-not-found");
  EXPECT_EQ(match_error({.mrn = "MRN-9999", .birth_date = "1950-02-28"}), "patient-not-found");
  EXPECT_EQ(match_error({.mrn = "MRN-1001", .birth_date = "28.02.1950"}), "bad-birth-date");
  EXPECT_EQ(match_error({.mrn = "MRN-1001", .birth_date = "1950-02-30"}), "bad-birth-date");
}

TEST_P(PatientsTest, SAF2_AmongSeveralNobodyIsPicked) {
  const auto match = patients_->match(
      as_nurse_, {.birth_date = "1950-02-28", .family_name = "Hernandez", .given_name = "Maria"});
  ASSERT_FALSE(match.has_value());
  EXPECT_EQ(match.error().code, "patient-ambiguous");
  EXPECT_EQ(match.error().kind, core::ErrorKind::conflict);
  EXPECT_EQ(match.error().facts.front().second, 2);
  EXPECT_FALSE(hospital_->audit_log().back().patient.has_value());
}

TEST_P(PatientsTest, AMatchIdIsGoodForItsOwnerAndForAWhile) {
  const auto match = must(patients_->match(as_nurse_, {.mrn = "MRN-1001", .birth_date = "1950-02-28"}));
  ASSERT_TRUE(must(find(nurse_.id, match.match_id)).has_value());
  EXPECT_EQ(must(find(nurse_.id, match.match_id))->patient, maria_);
  EXPECT_EQ(must(find(nurse_.id, match.match_id))->matched_on, "mrn,birth_date");
  EXPECT_FALSE(must(find(doctor_.id, match.match_id)).has_value());
  EXPECT_FALSE(must(find(nurse_.id, "rubbish")).has_value());
  hospital_->clock.advance(Patients::kMatchLifetime);
  EXPECT_FALSE(must(find(nurse_.id, match.match_id)).has_value());
}

TEST_P(PatientsTest, IAM5_OnlyTheCareTeamAndMembersOfAConversationReadAPatient) {
  put_on_team(john_, nurse_.id);
  EXPECT_EQ(must(patients_->read(as_nurse_, john_)).family_name, "Smith");
  EXPECT_EQ(patients_->read(as_doctor_, john_).error().code, "not-permitted");
  EXPECT_EQ(patients_->read(as_doctor_, core::new_id<core::PatientId>()).error().code, "not-permitted")
      << "who may not see one does not learn whether there is one";
  talks_.member = doctor_.id;
  talks_.about = john_;
  EXPECT_TRUE(patients_->read(as_doctor_, john_).has_value());
  EXPECT_FALSE(patients_->read(as_doctor_, maria_).has_value());
  auto it = hospital_->add("it", policy::Role::admin);
  put_on_team(john_, it.id);
  EXPECT_FALSE(
      patients_->read(hospital::IdentityHarness::requester(hospital_->at_new_device(it).session), john_)
          .has_value());
}

TEST_P(PatientsTest, ThePanelIsOnesOwnByName) {
  EXPECT_TRUE(must(patients_->panel(as_nurse_)).empty());
  put_on_team(john_, nurse_.id);
  put_on_team(maria_, nurse_.id);
  const auto panel = must(patients_->panel(as_nurse_));
  ASSERT_EQ(panel.size(), 2U);
  EXPECT_EQ(panel.front().id, maria_);
  EXPECT_TRUE(must(patients_->panel(as_doctor_)).empty());
}

TEST_P(PatientsTest, AUD1_EveryAccessAndEveryRefusalNamesThePatientByKeyedReference) {
  put_on_team(john_, nurse_.id);
  (void)patients_->read(as_nurse_, john_);
  EXPECT_EQ(hospital_->audit_log().back().patient, references_.of(john_));
  EXPECT_EQ(hospital_->audit_log().back().outcome, audit::Outcome::done);
  (void)patients_->read(as_doctor_, john_);
  EXPECT_EQ(hospital_->audit_log().back().patient, references_.of(john_));
  EXPECT_EQ(hospital_->audit_log().back().outcome, audit::Outcome::denied);
  EXPECT_EQ(hospital_->audit_log().back().actor.user, doctor_.id);
  (void)patients_->panel(as_nurse_);
  EXPECT_EQ(hospital_->audit_log().back().patient, references_.of(john_));
  EXPECT_EQ(hospital_->audit_log().back().act, audit::Act(Action::patient_list));
}

TEST(PatientDates, OnlyDaysThatExist) {
  for (const char* good : {"1950-02-28", "2000-02-29", "1899-12-31"}) EXPECT_TRUE(is_date(good)) << good;
  for (const char* bad :
       {"", "1950-2-28", "1900-02-29", "1950-13-01", "1950-00-10", "19500228", "1950-02-2x", "+950-02-28"}) {
    EXPECT_FALSE(is_date(bad)) << bad;
  }
}

}  // namespace
}  // namespace wardline::clinical
