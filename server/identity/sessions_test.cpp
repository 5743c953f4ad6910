#include "server/identity/sessions.h"

#include <thread>

#include <gtest/gtest.h>

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "server/identity/secret_code.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::identity {
namespace {

using namespace std::chrono_literals;
using hospital::must;
using policy::Action;

class SessionsTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(GetParam());
    anna_ = hospital_->add("anna");
    started_ = hospital_->sign_in(anna_);
  }

  Sessions& sessions() { return hospital_->identity->sessions(); }
  std::string_view error() {
    const auto session = sessions().authenticate(started_.key());
    return session ? "" : session.error().code;
  }

  std::unique_ptr<hospital::IdentityHarness> hospital_;
  hospital::IdentityHarness::Somebody anna_;
  StartedSession started_;
};
WARDLINE_ON_EACH_ENGINE(SessionsTest);

TEST_P(SessionsTest, IAM12_ASessionEndsWhenItIsNotUsed) {
  hospital_->clock.advance(sessions().limits().idle);
  EXPECT_EQ(error(), "");
  hospital_->clock.advance(sessions().limits().idle + 1s);
  EXPECT_FALSE(sessions().authenticate_now(started_.key()).has_value());
  EXPECT_EQ(error(), "session-ended");
  EXPECT_EQ(hospital_->count_entries(audit::SystemAct::session_expire, audit::Outcome::done), 1U);
}

TEST_P(SessionsTest, AClockThatIsSetBackDoesNotLengthenASession) {
  hospital_->clock.advance(-30s);
  EXPECT_EQ(error(), "") << "clocks are corrected by seconds all the time";
  hospital_->clock.advance(-24h);
  EXPECT_FALSE(sessions().authenticate_now(started_.key()).has_value());
  EXPECT_EQ(error(), "session-ended");
}

TEST_P(SessionsTest, UseKeepsASessionAliveButNotBeyondItsLifetime) {
  const auto end = started_.session.expires_at;
  while (hospital_->clock.now() + 10min < end) {
    hospital_->clock.advance(10min);
    ASSERT_EQ(error(), "") << "used every ten minutes";
  }
  hospital_->clock.advance(10min);
  EXPECT_EQ(error(), "session-ended");
}

TEST_P(SessionsTest, UseThatTheCacheSawIsNotLostWhenTheCacheIsLost) {
  for (int i = 0; i < 40; ++i) {
    hospital_->clock.advance(30s);
    if (!sessions().authenticate_now(started_.key())) ASSERT_EQ(error(), "");
  }
  // Another node, which knows the database only.
  Sessions elsewhere(hospital_->environment, hospital_->identity->lifecycle());
  EXPECT_TRUE(elsewhere.authenticate(started_.key()).has_value());
}

TEST_P(SessionsTest, AnotherNodeNoticesAnEndWithinSeconds) {
  Sessions elsewhere(hospital_->environment, hospital_->identity->lifecycle());
  ASSERT_TRUE(elsewhere.authenticate(started_.key()).has_value());
  must(sessions().end(hospital::IdentityHarness::requester(started_.session)));
  hospital_->clock.advance(sessions().limits().cache.believed + 1s);
  EXPECT_FALSE(elsewhere.authenticate_now(started_.key()).has_value());
  EXPECT_FALSE(elsewhere.authenticate(started_.key()).has_value());
}

TEST_P(SessionsTest, SigningOutEndsTheSessionAtOnce) {
  ASSERT_EQ(error(), "");
  must(sessions().end(hospital::IdentityHarness::requester(started_.session)));
  EXPECT_FALSE(sessions().authenticate_now(started_.key()).has_value());
  EXPECT_EQ(error(), "session-ended");
  EXPECT_EQ(hospital_->audit_log().back().act, audit::Act(Action::session_end));
}

TEST_P(SessionsTest, RubbishIsNoSession) {
  for (const std::string& token : {std::string(), std::string("x"), started_.token + "A",
                                   started_.session.id.to_string(), to_base64url(crypto::random_bytes(32)),
                                   to_base64url(crypto::sha256(*from_base64url(started_.token)))}) {
    const auto key = SessionKey::of(token);
    EXPECT_FALSE(key && sessions().authenticate(*key)) << token.size();
  }
}

TEST_P(SessionsTest, AChangedRoleCountsFromTheNextRequestOn) {
  ASSERT_EQ(must(sessions().authenticate(started_.key())).role, policy::Role::clinician);
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    hospital_->identity->accounts().set_role(tx, ChangeAuthor::system(), anna_.id, policy::Role::admin);
    return {};
  }));
  EXPECT_EQ(must(sessions().authenticate(started_.key())).role, policy::Role::admin);
}

TEST_P(SessionsTest, OpenChallengesAreBounded) {
  const auto asker = hospital::IdentityHarness::requester(started_.session);
  for (std::int64_t i = 0; i < sessions().limits().challenges_most; ++i) {
    EXPECT_TRUE(sessions().new_challenge(asker).has_value());
  }
  EXPECT_EQ(sessions().new_challenge(asker).error().kind, core::ErrorKind::rate_limited);
  hospital_->clock.advance(60s);
  EXPECT_TRUE(sessions().new_challenge(asker).has_value());
}

TEST_P(SessionsTest, PurgingEndsWhatIsOverAndNothingElse) {
  hospital_->clock.advance(10min);
  auto bert = hospital_->add("bert");
  const auto fresh = hospital_->sign_in(bert);
  hospital_->clock.advance(10min);
  EXPECT_EQ(must(sessions().purge()), 1U);
  EXPECT_EQ(error(), "session-ended");
  EXPECT_TRUE(sessions().authenticate(fresh.key()).has_value());
  must(hospital_->identity->purge());
}

TEST(SessionCache, ASessionThatEndsWhileItIsReadIsNotRemembered) {
  SessionCache cache({});
  const auto key = SessionKey::of(new_token()).value();
  Session session;
  session.id = core::new_id<core::SessionId>();
  session.idle = 15min;
  session.expires_at = {1'000'000'000'000};
  const auto generation = cache.generation();
  cache.forget_session(session.id);  // Revoked between the read and the put.
  cache.put(key, session, {}, {}, generation);
  EXPECT_FALSE(cache.use(key, {}).has_value());
  cache.put(key, session, {}, {}, cache.generation());
  EXPECT_TRUE(cache.use(key, {}).has_value());
}

TEST(SessionCache, IsBoundedAndKeepsWhatIsUsed) {
  SessionCache cache({.entries = 16});
  Session session;
  session.idle = 15min;
  session.expires_at = {1'000'000'000'000};
  const auto first = SessionKey::of(new_token()).value();
  cache.put(first, session, {}, {}, 0);
  std::size_t kept = 0;
  std::vector<SessionKey> keys;
  for (int i = 1; i <= 200; ++i) {
    keys.push_back(SessionKey::of(new_token()).value());
    cache.put(keys.back(), session, {}, {i}, 0);
    EXPECT_TRUE(cache.use(first, {i + 1}).has_value()) << i;
  }
  for (const auto& key : keys) kept += cache.use(key, {300}) ? 1 : 0;
  EXPECT_LE(kept, 16U);
}

}  // namespace
}  // namespace wardline::identity
