#include "server/identity/sign_in.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/hospital/identity_harness.h"

namespace wardline::identity {
namespace {

using namespace std::chrono_literals;
using hospital::kPassword;
using hospital::SoftAuthenticator;
using hospital::ward;
using policy::Action;

class SignInTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) hospital_ = std::make_unique<hospital::IdentityHarness>(GetParam());
  }

  SignIn& service() { return hospital_->identity->sign_in(); }
  std::string_view password_error(std::string_view username, std::string_view password,
                                  const RemoteAddress& from = ward()) {
    const auto result = service().password(username, SecretBytes(as_bytes(password)), from);
    return result ? "" : result.error().code;
  }
  template <class T>
  static std::string_view code_of(const core::Result<T>& result) {
    return result ? "" : result.error().code;
  }
  std::size_t failures() { return hospital_->count_entries(Action::public_sign_in, audit::Outcome::failed); }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
};
WARDLINE_ON_EACH_ENGINE(SignInTest);

TEST_P(SignInTest, IAM3_NobodyGetsASessionWithAPasswordAlone) {
  auto anna = hospital_->add("anna");
  const auto begun = hospital_->begin("anna");
  EXPECT_TRUE(begun.enrol);
  EXPECT_EQ(code_of(service().totp(begun.sign_in_id, "123456", ward())), "wrong-code");
  EXPECT_EQ(code_of(service().enrol_totp(begun.sign_in_id, "123456", ward())), "sign-in-expired")
      << "no activation code was given";
  EXPECT_EQ(code_of(service().webauthn(begun.sign_in_id, Bytes{1}, {}, ward())), "webauthn-failed");
}

TEST_P(SignInTest, TheFirstFactorNeedsTheActivationCodeWhichWorksOnce) {
  auto anna = hospital_->add("anna");
  const auto begun = hospital_->begin("anna");
  EXPECT_EQ(code_of(service().begin_totp(begun.sign_in_id, "AAAA-BBBB-CCCC", ward())),
            "wrong-activation-code");
  EXPECT_TRUE(service().begin_totp(begun.sign_in_id, " " + anna.activation_code, ward()).has_value())
      << "spaces do not matter";
  const auto started = hospital_->sign_in(anna);
  EXPECT_EQ(started.session.user, anna.id);
  EXPECT_EQ(started.session.stage(), policy::Stage::signed_in);
  EXPECT_FALSE(hospital_->begin("anna").enrol);
  // Somebody who finds the paper later, and has the password, gets nothing.
  const auto again = hospital_->begin("anna");
  EXPECT_EQ(code_of(service().begin_totp(again.sign_in_id, anna.activation_code, ward())), "factor-exists");
  EXPECT_EQ(hospital_->count_entries(Action::factor_add, audit::Outcome::done), 1U);
}

TEST_P(SignInTest, AnActivationCodeOfSomebodyElseOrPastItsTimeIsWorthNothing) {
  auto anna = hospital_->add("anna");
  auto bert = hospital_->add("bert");
  const auto begun = hospital_->begin("anna");
  EXPECT_EQ(code_of(service().begin_totp(begun.sign_in_id, bert.activation_code, ward())),
            "wrong-activation-code");
  hospital_->clock.advance(Accounts::kActivationLifetime);
  const auto later = hospital_->begin("anna");
  EXPECT_EQ(code_of(service().begin_totp(later.sign_in_id, anna.activation_code, ward())),
            "wrong-activation-code");
}

TEST_P(SignInTest, UnknownNameWrongPasswordAndEndedAccountLookTheSame) {
  auto anna = hospital_->add("anna");
  auto gone = hospital_->add("gone");
  ASSERT_TRUE(hospital_
                  ->write([&](storage::Transaction& tx) -> core::Result<void> {
                    hospital_->identity->accounts().deactivate(tx, ChangeAuthor::system(), gone.id);
                    return {};
                  })
                  .has_value());
  EXPECT_EQ(password_error("anna", "wrong password"), "wrong-credentials");
  EXPECT_EQ(password_error("nobody", "wrong password"), "wrong-credentials");
  EXPECT_EQ(password_error("gone", kPassword), "wrong-credentials");
  EXPECT_EQ(password_error("ANNA ", kPassword), "") << "case and spaces of the name do not matter";
  EXPECT_EQ(failures(), 3U);
}

TEST_P(SignInTest, ATotpCodeCannotBeReplayed) {
  auto anna = hospital_->add("anna");
  (void)hospital_->sign_in(anna);
  hospital_->next_code();
  const std::string code = hospital_->code_for(anna);
  const auto first = hospital_->begin("anna");
  const auto second = hospital_->begin("anna");
  EXPECT_TRUE(service().totp(first.sign_in_id, code, ward()).has_value());
  EXPECT_EQ(code_of(service().totp(second.sign_in_id, code, ward())), "wrong-code");
  EXPECT_EQ(code_of(service().totp(first.sign_in_id, code, ward())), "sign-in-expired")
      << "the sign-in is used up";
}

TEST_P(SignInTest, AStolenSignInIdIsUselessElsewhereAndLater) {
  auto anna = hospital_->add("anna");
  (void)hospital_->sign_in(anna);
  const auto begun = hospital_->begin("anna");
  hospital_->next_code();
  EXPECT_EQ(code_of(service().totp(begun.sign_in_id, hospital_->code_for(anna), ward(66))),
            "sign-in-expired");
  hospital_->clock.advance(SignIn::kLifetime);
  EXPECT_EQ(code_of(service().totp(begun.sign_in_id, hospital_->code_for(anna), ward())), "sign-in-expired");
  for (const char* rubbish : {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(code_of(service().totp(rubbish, "123456", ward())), "sign-in-expired") << rubbish;
  }
}

TEST_P(SignInTest, GuessingCodesEndsTheSignInAndThenSlowsTheAccount) {
  auto anna = hospital_->add("anna");
  (void)hospital_->sign_in(anna, ward(1));
  const auto begun = hospital_->begin("anna", ward(9));
  for (int guess = 0; guess < SignIn::kFailuresMost; ++guess) {
    EXPECT_EQ(code_of(service().totp(begun.sign_in_id, "000000", ward(9))), "wrong-code") << guess;
  }
  EXPECT_EQ(code_of(service().totp(begun.sign_in_id, "000000", ward(9))), "sign-in-expired");
  EXPECT_EQ(password_error("anna", kPassword, ward(9)), "locked-out")
      << "knowing the password does not reset the count";
}

TEST_P(SignInTest, BruteForceIsSlowedMoreAndMoreAndNeverForGood) {
  auto anna = hospital_->add("anna");
  for (int guess = 0; guess < 5; ++guess)
    EXPECT_EQ(password_error("anna", "guess"), "wrong-credentials") << guess;
  const auto locked = service().password("anna", SecretBytes(as_bytes(kPassword)), ward());
  ASSERT_EQ(code_of(locked), "locked-out");
  ASSERT_EQ(locked.error().facts.front().first, "retry_after_seconds");
  EXPECT_EQ(locked.error().facts.front().second, 1);
  std::int64_t tries = 0;
  const auto end = hospital_->clock.now() + 24h;
  while (hospital_->clock.now() < end) {
    const auto answer = service().password("anna", SecretBytes(as_bytes("guess")), ward());
    if (code_of(answer) == "locked-out") {
      hospital_->clock.advance(std::chrono::seconds(answer.error().facts.front().second));
    } else {
      ++tries;
    }
  }
  EXPECT_LT(tries, 120) << "a day of guessing is about a hundred guesses";
  hospital_->clock.advance(AttemptLimiter::kAccount.longest);
  EXPECT_EQ(password_error("anna", kPassword), "");
}

TEST_P(SignInTest, AClockThatIsSetBackLocksNobodyOutUntilItHasCaughtUp) {
  auto anna = hospital_->add("anna");
  for (int guess = 0; guess < 8; ++guess) (void)password_error("anna", "guess");
  ASSERT_EQ(password_error("anna", kPassword), "locked-out");
  hospital_->clock.advance(-24h);
  EXPECT_EQ(password_error("anna", "guess"), "wrong-credentials");
  EXPECT_EQ(password_error("anna", kPassword), "locked-out") << "and guessing is still slowed";
  hospital_->clock.advance(AttemptLimiter::kAccount.longest);
  EXPECT_EQ(password_error("anna", kPassword), "");
}

TEST_P(SignInTest, AStrangerWhoGuessesDoesNotLockThePersonOutAtTheirUsualPlace) {
  auto anna = hospital_->add("anna");
  (void)hospital_->sign_in(anna, ward(1));
  for (int guess = 0; guess < 12; ++guess) (void)password_error("anna", "guess", ward(99));
  EXPECT_EQ(password_error("anna", kPassword, ward(99)), "locked-out");
  EXPECT_EQ(password_error("anna", kPassword, ward(2)), "locked-out");
  EXPECT_EQ(password_error("anna", kPassword, ward(1)), "");
}

TEST_P(SignInTest, AWardBehindOneAddressIsNotShutOutByOneForgetfulPerson) {
  auto anna = hospital_->add("anna");
  auto bert = hospital_->add("bert");
  for (int guess = 0; guess < 40; ++guess) {
    (void)password_error("anna", "guess");
    hospital_->clock.advance(1s);
  }
  EXPECT_EQ(password_error("anna", kPassword), "locked-out");
  EXPECT_EQ(password_error("bert", kPassword), "");
}

TEST_P(SignInTest, ManyNamesFromOneAddressAreSlowedToo) {
  std::string_view last;
  for (int name = 0; name < 102 && last != "locked-out"; ++name)
    last = password_error("user" + std::to_string(name), "guess", ward(7));
  EXPECT_EQ(last, "locked-out");
  hospital_->clock.advance(AttemptLimiter::kAddress.longest);
  EXPECT_EQ(password_error("another", "guess", ward(7)), "wrong-credentials");
}

class WebAuthnSignIn : public SignInTest {
 protected:
  void SetUp() override {
    SignInTest::SetUp();
    if (IsSkipped()) return;
    anna_ = hospital_->add("anna");
    const auto begun = hospital_->begin("anna");
    const auto offer =
        hospital::must(service().begin_webauthn(begun.sign_in_id, anna_.activation_code, ward()));
    EXPECT_EQ(offer.user_handle, anna_.id.bytes());
    hospital::must(
        service().enrol_webauthn(begun.sign_in_id, key_.register_with(offer.challenge), "Blue key", ward()));
    key_.sign_count = 2;
  }

  hospital::IdentityHarness::Somebody anna_;
  SoftAuthenticator key_;
};
WARDLINE_ON_EACH_ENGINE(WebAuthnSignIn);

TEST_P(WebAuthnSignIn, IAM3_AKeySignsInAndItsAssertionCannotBeReplayed) {
  const auto begun = hospital_->begin("anna");
  EXPECT_EQ(begun.factors, std::vector{FactorKind::webauthn});
  ASSERT_EQ(begun.credential_ids, (std::vector<Bytes>{key_.credential_id}));
  const auto answer = key_.assert_with(begun.challenge);
  EXPECT_EQ(code_of(service().webauthn(begun.sign_in_id, key_.credential_id, answer, ward())), "");
  EXPECT_EQ(code_of(service().webauthn(begun.sign_in_id, key_.credential_id, answer, ward())),
            "sign-in-expired");
  const auto next = hospital_->begin("anna");
  EXPECT_EQ(code_of(service().webauthn(next.sign_in_id, key_.credential_id, answer, ward())),
            "webauthn-failed");
  EXPECT_EQ(hospital_->count_entries(Action::public_sign_in, audit::Outcome::done), 2U);
}

TEST_P(WebAuthnSignIn, AnotherPersonsKeyDoesNotHelp) {
  auto bert = hospital_->add("bert");
  const auto begun = hospital_->begin("bert");
  const auto offer = hospital::must(service().begin_webauthn(begun.sign_in_id, bert.activation_code, ward()));
  EXPECT_EQ(code_of(service().enrol_webauthn(begun.sign_in_id, key_.register_with(offer.challenge), "Stolen",
                                             ward())),
            "credential-exists");
  SoftAuthenticator own;
  hospital::must(
      service().enrol_webauthn(begun.sign_in_id, own.register_with(offer.challenge), "Own", ward()));
  own.sign_count = 2;
  const auto as_anna = hospital_->begin("anna");
  EXPECT_EQ(code_of(service().webauthn(as_anna.sign_in_id, own.credential_id,
                                       own.assert_with(as_anna.challenge), ward())),
            "webauthn-failed");
}

TEST_P(WebAuthnSignIn, WrongOriginAndClonedKeyAreRefusedAndAudited) {
  const auto begun = hospital_->begin("anna");
  key_.origin = "https://localhost.evil.example";
  EXPECT_EQ(code_of(service().webauthn(begun.sign_in_id, key_.credential_id,
                                       key_.assert_with(begun.challenge), ward())),
            "webauthn-failed");
  key_.origin = "https://localhost:8443";
  EXPECT_EQ(code_of(service().webauthn(begun.sign_in_id, key_.credential_id,
                                       key_.assert_with(begun.challenge), ward())),
            "");
  const auto next = hospital_->begin("anna");
  key_.sign_count = 1;
  EXPECT_EQ(code_of(service().webauthn(next.sign_in_id, key_.credential_id, key_.assert_with(next.challenge),
                                       ward())),
            "webauthn-cloned");
  const auto log = hospital_->audit_log();
  EXPECT_EQ(log.back().reason, audit::Code("webauthn-cloned"));
  EXPECT_EQ(log.back().objects, std::vector<audit::Object>{anna_.id});
  EXPECT_TRUE(log.back().network.has_value());
}

TEST_P(SignInTest, TheDatabaseHoldsNoNameSecretOrTokenInTheClear) {
  auto anna = hospital_->add("anna.schmidt", policy::Role::clinician, "Anna Schmidt-Planted");
  const auto started = hospital_->sign_in(anna);
  if (GetParam() != storage::Engine::sqlite) GTEST_SKIP() << "reads the file of SQLite";
  (void)hospital_->database->check_integrity();
  std::string everything;
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(hospital_->database.config().file.string() + suffix, std::ios::binary);
    everything += std::string(std::istreambuf_iterator<char>(file), {});
  }
  ASSERT_GT(everything.size(), 10'000U);
  for (const std::string& secret :
       {std::string("Schmidt"), std::string("anna.schmidt"), as_text(anna.totp_secret), started.token,
        anna.activation_code, as_text(*from_base64url(started.token)), std::string("argon2id")}) {
    EXPECT_EQ(everything.find(secret), std::string::npos) << secret.size();
  }
}

}  // namespace
}  // namespace wardline::identity
