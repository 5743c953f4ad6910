#include "server/identity/factors.h"

#include <gtest/gtest.h>

#include "server/identity/totp.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::identity {
namespace {

using hospital::must;

class FactorsTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(GetParam());
    anna_ = hospital_->add("anna");
    asker_ = hospital::IdentityHarness::requester(hospital_->at_new_device(anna_).session);
  }
  Factors& factors() { return hospital_->identity->factors(); }
  template <class T>
  static std::string_view code_of(const core::Result<T>& result) {
    return result ? "" : result.error().code;
  }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  hospital::IdentityHarness::Somebody anna_;
  Requester asker_;
};
WARDLINE_ON_EACH_ENGINE(FactorsTest);

TEST_P(FactorsTest, IAM3_AKeyIsAddedBesideTheAppAndEitherCanGoButNotBoth) {
  hospital::SoftAuthenticator key;
  const auto offer = must(factors().begin_webauthn(asker_));
  const auto added = must(factors().add_webauthn(asker_, key.register_with(offer.challenge), "Blue key"));
  EXPECT_EQ(added.name, "Blue key");
  const auto both = must(factors().list(asker_));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].kind, FactorKind::totp);
  must(factors().remove(asker_, both[0].id));
  EXPECT_EQ(code_of(factors().remove(asker_, added.id)), "last-factor");
  EXPECT_EQ(must(factors().list(asker_)).size(), 1U) << "the refusal took nothing away";
  EXPECT_EQ(hospital_->count_entries(policy::Action::factor_remove, audit::Outcome::done), 1U);
}

TEST_P(FactorsTest, NobodyRemovesSomebodyElsesFactor) {
  auto bert = hospital_->add("bert");
  const auto as_bert = hospital::IdentityHarness::requester(hospital_->at_new_device(bert).session);
  const auto of_anna = must(factors().list(asker_)).front().id;
  EXPECT_EQ(code_of(factors().remove(as_bert, of_anna)), "factor-not-found");
  EXPECT_EQ(must(factors().list(asker_)).size(), 1U);
}

TEST_P(FactorsTest, AnEnrolmentIsFinishedByTheSessionThatBeganItAndOnce) {
  hospital::SoftAuthenticator key;
  const auto offer = must(factors().begin_webauthn(asker_));
  const auto other = hospital::IdentityHarness::requester(hospital_->at_new_device(anna_).session);
  const auto answer = key.register_with(offer.challenge);
  EXPECT_EQ(code_of(factors().add_webauthn(other, answer, "Key")), "no-enrolment");
  EXPECT_EQ(code_of(factors().add_webauthn(asker_, answer, "Key")), "");
  EXPECT_EQ(code_of(factors().add_webauthn(asker_, answer, "Key")), "no-enrolment");
  const auto late = must(factors().begin_webauthn(asker_));
  hospital_->clock.advance(Enrolments::kLifetime);
  EXPECT_EQ(code_of(factors().add_webauthn(
                asker_, hospital::SoftAuthenticator().register_with(late.challenge), "Key")),
            "no-enrolment");
}

TEST_P(FactorsTest, ThereIsOneAuthenticatorAppAndASessionWithoutADeviceChangesNothing) {
  EXPECT_EQ(code_of(factors().begin_totp(asker_)), "totp-exists");
  const auto signed_in = hospital::IdentityHarness::requester(hospital_->sign_in(anna_).session);
  EXPECT_EQ(code_of(factors().begin_webauthn(signed_in)), "device-needed");
  EXPECT_EQ(code_of(factors().list(signed_in)), "device-needed");
}

TEST_P(FactorsTest, ALostPhoneIsReplacedWithAFreshActivationCode) {
  const std::string old_code = anna_.activation_code;
  anna_.activation_code = must(hospital_->write([&](storage::Transaction& tx) -> core::Result<std::string> {
    return hospital_->identity->accounts().reset_factors(tx, ChangeAuthor::system(), anna_.id);
  }));
  const auto begun = hospital_->begin("anna");
  EXPECT_TRUE(begun.enrol);
  auto& sign_in = hospital_->identity->sign_in();
  EXPECT_EQ(code_of(sign_in.begin_totp(begun.sign_in_id, old_code, hospital::ward())),
            "wrong-activation-code");
  EXPECT_EQ(hospital_->sign_in(anna_).session.user, anna_.id);
}

}  // namespace
}  // namespace wardline::identity
