#include "server/directory/directory.h"

#include <set>

#include <gtest/gtest.h>

#include "server/directory/migrations.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::directory {
namespace {

using namespace std::chrono_literals;
using hospital::must;
using policy::Action;

class DirectoryTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(
        GetParam(), std::vector<storage::Migration>(migrations().begin(), migrations().end()));
    directory_ = must(Directory::create(*hospital_->identity));
    must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
      oncology_ = directory_->add_service(tx, author_, "Oncology");
      cardiology_ = directory_->add_service(tx, author_, "Cardiology");
      ward_ = directory_->add_location(tx, author_, "4 West");
      return {};
    }));
    anna_ = person("anna", "Anna Schmidt", policy::Role::clinician, "Attending physician", oncology_);
    other_anna_ = person("anna2", "Anna Schmitt", policy::Role::nurse, "Registered nurse", cardiology_);
    omar_ = person("omar", "Omar Haddad", policy::Role::clinician, "Cardiologist", cardiology_);
    asker_ = hospital::IdentityHarness::requester(hospital_->at_new_device(anna_).session);
  }

  hospital::IdentityHarness::Somebody person(const char* username, const char* name, policy::Role role,
                                             const char* title, core::ServiceLineId service) {
    auto somebody = hospital_->add(username, role, name);
    must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
      directory_->place(tx, author_, somebody.id, title, service, ward_);
      return {};
    }));
    return somebody;
  }

  core::OnCallRoleId duty(const char* name, core::ServiceLineId service, core::UserId user,
                          std::chrono::hours from, std::chrono::hours until) {
    return must(hospital_->write([&](storage::Transaction& tx) -> core::Result<core::OnCallRoleId> {
      const auto role = directory_->add_on_call_role(tx, author_, name, service);
      const auto now = hospital_->clock.now();
      directory_->add_shift(tx, author_, role, user, now + from, now + until);
      return role;
    }));
  }

  std::vector<std::string> names(const SearchRequest& request) {
    std::vector<std::string> found;
    for (const auto& view : must(directory_->search(asker_, request)).people)
      found.push_back(view.person->name);
    return found;
  }
  using Names = std::vector<std::string>;

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  std::unique_ptr<Directory> directory_;
  const identity::ChangeAuthor author_ = identity::ChangeAuthor::system();
  core::ServiceLineId oncology_;
  core::ServiceLineId cardiology_;
  core::LocationId ward_;
  hospital::IdentityHarness::Somebody anna_;
  hospital::IdentityHarness::Somebody other_anna_;
  hospital::IdentityHarness::Somebody omar_;
  identity::Requester asker_;
};
WARDLINE_ON_EACH_ENGINE(DirectoryTest);

TEST_P(DirectoryTest, CH10_PeopleAreFoundWithRoleServiceLocationAndDuty) {
  duty("Cardiology on call", cardiology_, omar_.id, -1h, 8h);
  const auto answer = must(directory_->search(asker_, {.text = "haddad"}));
  ASSERT_EQ(answer.people.size(), 1U);
  const auto& omar = answer.people.front();
  EXPECT_EQ(omar.person->role_title, "Cardiologist");
  EXPECT_EQ(omar.person->service.name, "Cardiology");
  EXPECT_EQ(omar.person->location.name, "4 West");
  EXPECT_FALSE(omar.person->has_device);
  EXPECT_EQ(omar.contact, Contact::unconfirmed);
  ASSERT_EQ(omar.on_call.size(), 1U);
  EXPECT_EQ(omar.on_call.front().name, "Cardiology on call");
  EXPECT_EQ(omar.on_call.front().until, hospital_->clock.now() + 8h);
}

TEST_P(DirectoryTest, SAF5_RoleWordsFindWhoHasTheDutyNow) {
  duty("Cardiology on call", cardiology_, omar_.id, -1h, 8h);
  duty("Interventional radiology", oncology_, anna_.id, 1h, 8h);
  EXPECT_EQ(names({.text = "cardiology on call"}), Names{"Omar Haddad"});
  EXPECT_EQ(names({.text = "on call"}), Names{"Omar Haddad"});
  EXPECT_EQ(names({.on_call = true}), Names{"Omar Haddad"});
  EXPECT_EQ(names({.text = "radiology on-call"}), Names{});
  hospital_->clock.advance(2h);
  EXPECT_EQ(names({.text = "radiology on-call"}), Names{"Anna Schmidt"})
      << "by the name of the duty, not of the service";
}

TEST_P(DirectoryTest, SAF5_WhoHasLeftHasNoDuty) {
  const auto role = duty("Cardiology on call", cardiology_, omar_.id, -1h, 8h);
  const auto on_call = [&] {
    return must(hospital_->database->read(
        [&](storage::ReadTransaction& tx) -> core::Result<std::optional<core::UserId>> {
          return directory_->resolve(tx, role, hospital_->clock.now());
        }));
  };
  EXPECT_EQ(on_call(), omar_.id);
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    hospital_->identity->accounts().deactivate(tx, author_, omar_.id);
    return {};
  }));
  EXPECT_FALSE(on_call().has_value());
  const auto rota = must(directory_->rota(asker_));
  ASSERT_EQ(rota.size(), 1U);
  EXPECT_FALSE(rota.front().now.has_value());
}

TEST_P(DirectoryTest, TheRotaSaysWhoNowUntilWhenAndWhoNext) {
  const auto role = duty("Cardiology on call", cardiology_, omar_.id, -1h, 8h);
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    directory_->add_shift(tx, author_, role, anna_.id, hospital_->clock.now() + 8h,
                          hospital_->clock.now() + 16h);
    return {};
  }));
  const auto rota = must(directory_->rota(asker_));
  ASSERT_EQ(rota.size(), 1U);
  EXPECT_EQ(rota.front().now->person->name, "Omar Haddad");
  EXPECT_EQ(rota.front().until, hospital_->clock.now() + 8h);
  EXPECT_EQ(rota.front().next->person->name, "Anna Schmidt");
  EXPECT_EQ(rota.front().next->contact, Contact::self);
}

TEST_P(DirectoryTest, CH10_AConfirmedContactStaysConfirmedAndIsAudited) {
  EXPECT_EQ(must(directory_->person(asker_, omar_.id)).contact, Contact::unconfirmed);
  ASSERT_TRUE(directory_->confirm_contact(asker_, omar_.id).has_value());
  ASSERT_TRUE(directory_->confirm_contact(asker_, omar_.id).has_value()) << "twice changes nothing";
  EXPECT_EQ(must(directory_->person(asker_, omar_.id)).contact, Contact::confirmed);
  EXPECT_EQ(must(directory_->person(asker_, anna_.id)).contact, Contact::self);
  EXPECT_EQ(hospital_->audit_log().back().objects, std::vector<audit::Object>{omar_.id});
  // Only for the one who confirmed.
  const auto omar = hospital::IdentityHarness::requester(hospital_->at_new_device(omar_).session);
  EXPECT_EQ(must(directory_->person(omar, anna_.id)).contact, Contact::unconfirmed);
  EXPECT_EQ(directory_->confirm_contact(asker_, anna_.id).error().code, "contact-is-self");
  EXPECT_EQ(directory_->confirm_contact(asker_, core::new_id<core::UserId>()).error().code,
            "person-not-found");
  must(hospital_->database->read([&](storage::ReadTransaction& tx) -> core::Result<void> {
    EXPECT_TRUE(directory_->recipient(tx, anna_.id, omar_.id)->contact_confirmed);
    EXPECT_FALSE(directory_->recipient(tx, omar_.id, anna_.id)->contact_confirmed);
    EXPECT_FALSE(directory_->recipient(tx, omar_.id, core::new_id<core::UserId>()).has_value());
    return {};
  }));
}

TEST_P(DirectoryTest, SAF4_LookAlikesComeWithTheServiceThatTellsThemApart) {
  const auto similar = must(directory_->similar(asker_, {other_anna_.id, omar_.id}));
  ASSERT_EQ(similar.size(), 1U);
  EXPECT_EQ(similar.front().user, other_anna_.id);
  ASSERT_EQ(similar.front().look_alikes.size(), 1U);
  EXPECT_EQ(similar.front().look_alikes.front().person->service.name, "Oncology");
}

TEST_P(DirectoryTest, TheIndexFollowsChangesAndOnlyCommittedOnes) {
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    hospital_->identity->accounts().rename(tx, author_, omar_.id, "Omar Nassar");
    return {};
  }));
  EXPECT_EQ(names({.text = "nassar"}), Names{"Omar Nassar"});
  (void)hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    hospital_->identity->accounts().rename(tx, author_, omar_.id, "Rolled Back");
    return core::fail(core::ErrorKind::invalid, "test", "");
  });
  EXPECT_EQ(names({.text = "nassar"}), Names{"Omar Nassar"});
  (void)hospital_->at_new_device(omar_);
  EXPECT_TRUE(must(directory_->person(asker_, omar_.id)).person->has_device);
}

TEST_P(DirectoryTest, PagesAreStableAndComplete) {
  for (int i = 0; i < 7; ++i) {
    person(("p" + std::to_string(i)).c_str(), "Same Name", policy::Role::nurse, "Nurse", oncology_);
  }
  std::vector<core::UserId> seen;
  SearchRequest request{.text = "same name", .limit = 3};
  for (;;) {
    const auto page = must(directory_->search(asker_, request));
    for (const auto& view : page.people) seen.push_back(view.person->id);
    if (!page.next_offset) break;
    request.offset = *page.next_offset;
  }
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(std::set<core::UserId>(seen.begin(), seen.end()).size(), 7U);
}

TEST_P(DirectoryTest, NothingIsToldWithoutADevice) {
  auto nora = hospital_->add("nora");
  const auto signed_in = hospital::IdentityHarness::requester(hospital_->sign_in(nora).session);
  EXPECT_EQ(directory_->search(signed_in, {.text = "anna"}).error().code, "device-needed");
  EXPECT_EQ(directory_->rota(signed_in).error().code, "device-needed");
  EXPECT_EQ(directory_->confirm_contact(signed_in, anna_.id).error().code, "device-needed");
  EXPECT_EQ(hospital_->count_entries(Action::directory_read, audit::Outcome::denied), 1U);
}

}  // namespace
}  // namespace wardline::directory
