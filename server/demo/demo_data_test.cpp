#include "server/demo/demo_data.h"

#include <set>

#include <gtest/gtest.h>

#include "lib/crypto/random.h"
#include "server/clinical/migrations.h"
#include "server/demo/hospital.h"
#include "server/directory/migrations.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::demo {
namespace {

using namespace std::chrono_literals;
using hospital::must;
using hospital::ward;

class DemoData : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(
        GetParam(), storage::gather({directory::migrations(), clinical::migrations()}));
    directory_ = must(directory::Directory::create(*hospital_->identity));
    patients_ = std::make_unique<clinical::Patients>(hospital_->environment, references_, nullptr);
  }
  Parts parts() { return {*hospital_->identity, *directory_, *patients_}; }

  identity::Requester at_device(const directory::FirstSignIn& account) {
    hospital::IdentityHarness::Somebody somebody{.id = {},
                                                 .username = account.username,
                                                 .activation_code = account.activation_code,
                                                 .totp_secret = {}};
    auto& sign_in = hospital_->identity->sign_in();
    const auto begun =
        must(sign_in.password(account.username, SecretBytes(as_bytes(account.password)), ward()));
    EXPECT_TRUE(begun.enrol);
    hospital::SoftAuthenticator key;
    const auto offer = must(sign_in.begin_webauthn(begun.sign_in_id, account.activation_code, ward()));
    const auto started =
        must(sign_in.enrol_webauthn(begun.sign_in_id, key.register_with(offer.challenge), "Key", ward()));
    const auto asker = hospital::IdentityHarness::requester(started.session);
    const hospital::SoftDevice device;
    const auto challenge = must(hospital_->identity->sessions().new_challenge(asker));
    return hospital::IdentityHarness::requester(
        must(hospital_->identity->devices().enrol(asker, device.registration(), device.prove(challenge)))
            .session.session);
  }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  std::unique_ptr<directory::Directory> directory_;
  audit::PatientReferenceKey references_{crypto::random_secret(32)};
  std::unique_ptr<clinical::Patients> patients_;
};
WARDLINE_ON_EACH_ENGINE(DemoData);

TEST_P(DemoData, EverybodyCanSignInAndWorkAsTheirRoleLetsThem) {
  const auto accounts = must(load(parts()));
  ASSERT_GE(accounts.size(), 12U);
  std::set<std::string> passwords;
  for (const auto& account : accounts) {
    passwords.insert(account.password);
    const auto asker = at_device(account);
    EXPECT_TRUE(directory_->search(asker, {.text = "cardiology on call"}).has_value());
    const auto panel = patients_->panel(asker);
    const auto role = asker.subject.role;
    if (role == policy::Role::admin || role == policy::Role::privacy_officer) {
      EXPECT_FALSE(panel.has_value()) << account.username;
    } else if (account.service != "Laboratory") {
      EXPECT_FALSE(must(panel).empty()) << account.username;
    }
  }
  EXPECT_EQ(passwords.size(), accounts.size());
}

TEST_P(DemoData, EveryDutyIsTakenNowAndForTheNextFourWeeks) {
  const auto accounts = must(load(parts()));
  const auto asker = at_device(accounts.front());
  for (int hours = 0; hours < 28 * 24; hours += 5) {
    // By the rota itself: the session would not last that long.
    const auto at = hospital_->clock.now() + std::chrono::hours(hours);
    must(hospital_->database->read([&](storage::ReadTransaction& tx) -> core::Result<void> {
      for (const auto& role : directory::store::roles(tx)) {
        EXPECT_TRUE(directory_->resolve(tx, role.id, at).has_value())
            << role.name << " in " << hours << " hours";
      }
      return {};
    }));
  }
  const auto rota = must(directory_->rota(asker));
  EXPECT_EQ(rota.size(), on_call_plans().size());
  for (const auto& line : rota) {
    EXPECT_TRUE(line.now && line.until && line.next) << line.role.name;
  }
}

TEST_P(DemoData, SAF4_ThereAreTwoAnnaSchmidtsInDifferentServices) {
  const auto accounts = must(load(parts()));
  const auto asker = at_device(accounts.back());
  const auto found = must(directory_->search(asker, {.text = "anna schmidt"})).people;
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].person->service.name, found[1].person->service.name);
  const auto similar = must(directory_->similar(asker, {found[0].person->id}));
  ASSERT_EQ(similar.size(), 1U);
  EXPECT_EQ(similar.front().look_alikes.front().person->id, found[1].person->id);
}

TEST_P(DemoData, SAF1_PatientsAreFoundByTwoIdentifiersAndTwinsAreNotMixedUp) {
  const auto accounts = must(load(parts()));
  const auto asker = at_device(accounts.front());
  for (const auto& patient : patients()) {
    const auto match = patients_->match(
        asker, {.mrn = std::string(patient.mrn), .birth_date = std::string(patient.birth_date)});
    ASSERT_TRUE(match.has_value()) << patient.mrn;
    EXPECT_EQ(match->patient.family_name, patient.family_name);
  }
  EXPECT_EQ(
      patients_->match(asker, {.birth_date = "1950-02-28", .family_name = "Hernandez", .given_name = "Maria"})
          .error()
          .code,
      "patient-ambiguous");
}

TEST_P(DemoData, ASecondLoadChangesNothing) {
  must(load(parts()));
  EXPECT_EQ(load(parts()).error().code, "not-empty");
}

bool has_check_digit(std::string_view number) {
  int sum = 0;
  for (std::size_t i = 0; i < number.size(); ++i) {
    int digit = number[number.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

TEST(DemoHospital, IsConsistent) {
  std::set<std::string_view> usernames;
  for (const auto& colleague : colleagues())
    EXPECT_TRUE(usernames.insert(colleague.username).second) << colleague.username;
  for (const auto& plan : on_call_plans()) {
    for (const auto username : plan.usernames) EXPECT_TRUE(usernames.contains(username)) << username;
  }
  std::set<std::string_view> mrns;
  for (const auto& patient : patients()) {
    EXPECT_TRUE(mrns.insert(patient.mrn).second) << patient.mrn;
    EXPECT_TRUE(has_check_digit(patient.mrn)) << patient.mrn;
    EXPECT_TRUE(clinical::is_date(patient.birth_date)) << patient.mrn;
  }
  EXPECT_EQ(patients().size(), 30U);
}

}  // namespace
}  // namespace wardline::demo
