#include "server/identity/administration.h"

#include <gtest/gtest.h>

#include "tests/hospital/identity_harness.h"

namespace wardline::identity {
namespace {

using hospital::must;
using policy::Action;

class AdministrationTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(GetParam());
    anna_ = hospital_->add("anna");
    admin_ = hospital_->add("admin", policy::Role::admin);
    at_annas_.emplace(hospital_->at_new_device(anna_));
    at_admins_.emplace(hospital_->at_new_device(admin_));
  }

  Administration& administration() { return hospital_->identity->administration(); }
  static Requester asker(const StartedSession& started) {
    return hospital::IdentityHarness::requester(started.session);
  }
  template <class T>
  static std::string_view code_of(const core::Result<T>& result) {
    return result ? "" : result.error().code;
  }
  std::string_view annas_session() {
    return code_of(hospital_->identity->sessions().authenticate(at_annas_->key()));
  }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  hospital::IdentityHarness::Somebody anna_;
  hospital::IdentityHarness::Somebody admin_;
  std::optional<StartedSession> at_annas_;
  std::optional<StartedSession> at_admins_;
};
WARDLINE_ON_EACH_ENGINE(AdministrationTest);

TEST_P(AdministrationTest, IAM9_ALeaverIsOutWithTheAnswer) {
  const auto before = hospital_->count_entries(Action::user_manage, audit::Outcome::done);
  EXPECT_EQ(code_of(administration().deactivate(asker(*at_admins_), anna_.id)), "");
  EXPECT_EQ(annas_session(), "session-ended");
  EXPECT_EQ(code_of(administration().deactivate(asker(*at_admins_), anna_.id)), "");
  EXPECT_EQ(hospital_->count_entries(Action::user_manage, audit::Outcome::done), before + 1);
  EXPECT_EQ(code_of(administration().reset_factors(asker(*at_admins_), anna_.id)), "account-inactive");
}

TEST_P(AdministrationTest, AnActivationCodeReplacesLostFactorsAndEndsSessions) {
  const auto code = administration().reset_factors(asker(*at_admins_), anna_.id);
  ASSERT_TRUE(code.has_value());
  const bool works =
      must(hospital_->environment.database.read([&](storage::ReadTransaction& tx) -> core::Result<bool> {
        const auto& store = hospital_->identity->accounts().store();
        return store.find_activation_code(tx, anna_.id, *code, hospital_->clock.now()).has_value();
      }));
  EXPECT_TRUE(works);
  EXPECT_EQ(annas_session(), "session-ended");
}

TEST_P(AdministrationTest, IAM5_OnlyAnAdministratorAndNeverOnesOwnAccount) {
  EXPECT_EQ(code_of(administration().deactivate(asker(*at_annas_), admin_.id)), "not-permitted");
  EXPECT_EQ(code_of(administration().reset_factors(asker(*at_annas_), admin_.id)), "not-permitted");
  EXPECT_EQ(hospital_->count_entries(Action::user_manage, audit::Outcome::denied), 2U);
  EXPECT_EQ(code_of(administration().deactivate(asker(*at_admins_), admin_.id)), "own-account");
  EXPECT_EQ(code_of(administration().reset_factors(asker(*at_admins_), admin_.id)), "own-account");
  EXPECT_EQ(code_of(administration().deactivate(asker(*at_admins_), core::new_id<core::UserId>())),
            "person-not-found");
  EXPECT_EQ(annas_session(), "");
}

}  // namespace
}  // namespace wardline::identity
