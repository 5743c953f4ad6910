#include "server/identity/webauthn.h"

#include <gtest/gtest.h>

#include "lib/crypto/random.h"
#include "tests/hospital/soft_authenticator.h"

namespace wardline::identity::webauthn {
namespace {

using hospital::SoftAuthenticator;

const RelyingParty kParty{.id = "localhost", .name = "Wardline", .origins = {"https://localhost:8443"}};

class WebAuthn : public ::testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, WebAuthn, ::testing::Values(Algorithm::es256, Algorithm::eddsa));

TEST_P(WebAuthn, IAM3_ARegisteredKeySignsInAgainAndAgain) {
  SoftAuthenticator key(GetParam());
  const Bytes challenge = crypto::random_bytes(32);
  auto credential = verify_registration(kParty, challenge, key.register_with(challenge));
  ASSERT_TRUE(credential.has_value());
  EXPECT_EQ(credential->id, key.credential_id);
  EXPECT_EQ(credential->algorithm, GetParam());
  key.sign_count = 2;
  for (int round = 0; round < 3; ++round) {
    const Bytes next = crypto::random_bytes(32);
    const auto count = verify_assertion(kParty, next, *credential, key.assert_with(next));
    ASSERT_TRUE(count.has_value()) << round;
    EXPECT_GT(*count, credential->sign_count);
    credential->sign_count = *count;
  }
}

struct Misbehaviour {
  const char* about;
  std::function<void(SoftAuthenticator&)> change;
};

const Misbehaviour kMisbehaviours[] = {
    {"another origin", [](auto& key) { key.origin = "https://localhost.evil.example"; }},
    {"the origin over http", [](auto& key) { key.origin = "http://localhost:8443"; }},
    {"a page that frames us", [](auto& key) { key.cross_origin = true; }},
    {"another relying party", [](auto& key) { key.rp_id = "evil.example"; }},
    {"nobody touched it", [](auto& key) { key.flags = 0x04; }},
};

TEST_P(WebAuthn, RefusesWhatWasNotMadeForUs) {
  SoftAuthenticator honest(GetParam());
  const Bytes challenge = crypto::random_bytes(32);
  const auto credential = verify_registration(kParty, challenge, honest.register_with(challenge));
  ASSERT_TRUE(credential.has_value());
  for (const auto& misbehaviour : kMisbehaviours) {
    SoftAuthenticator registering(GetParam());
    misbehaviour.change(registering);
    EXPECT_FALSE(verify_registration(kParty, challenge, registering.register_with(challenge)).has_value())
        << misbehaviour.about;
  }
  honest.sign_count = 2;
  for (const auto& misbehaviour : kMisbehaviours) {
    const auto before = std::tuple(honest.origin, honest.cross_origin, honest.rp_id, honest.flags);
    misbehaviour.change(honest);
    EXPECT_FALSE(verify_assertion(kParty, challenge, *credential, honest.assert_with(challenge)).has_value())
        << misbehaviour.about;
    std::tie(honest.origin, honest.cross_origin, honest.rp_id, honest.flags) = before;
  }
  EXPECT_TRUE(verify_assertion(kParty, challenge, *credential, honest.assert_with(challenge)).has_value());
}

TEST_P(WebAuthn, AnAnswerToAnotherChallengeIsNotAccepted) {
  SoftAuthenticator key(GetParam());
  const Bytes challenge = crypto::random_bytes(32);
  const Bytes other = crypto::random_bytes(32);
  EXPECT_FALSE(verify_registration(kParty, challenge, key.register_with(other)).has_value());
  const auto credential = verify_registration(kParty, challenge, key.register_with(challenge));
  EXPECT_FALSE(verify_assertion(kParty, challenge, *credential, key.assert_with(other)).has_value());
}

TEST_P(WebAuthn, ARegistrationIsNoAssertionAndTheOtherWayRound) {
  SoftAuthenticator key(GetParam());
  const Bytes challenge = crypto::random_bytes(32);
  auto registration = key.register_with(challenge);
  const auto credential = verify_registration(kParty, challenge, registration);
  ASSERT_TRUE(credential.has_value());
  key.sign_count = 2;
  auto assertion = key.assert_with(challenge);
  assertion.client_data_json = registration.client_data_json;
  EXPECT_FALSE(verify_assertion(kParty, challenge, *credential, assertion).has_value());
  registration.client_data_json = key.client_data_json("webauthn.get", challenge);
  EXPECT_FALSE(verify_registration(kParty, challenge, registration).has_value());
}

TEST_P(WebAuthn, EveryFlippedBitOfAnAssertionIsNoticed) {
  SoftAuthenticator key(GetParam());
  const Bytes challenge = crypto::random_bytes(32);
  const auto credential = verify_registration(kParty, challenge, key.register_with(challenge));
  key.sign_count = 2;
  const auto answer = key.assert_with(challenge);
  for (std::size_t at = 0; at < answer.authenticator_data.size(); ++at) {
    auto changed = answer;
    changed.authenticator_data[at] ^= 0x02;
    EXPECT_FALSE(verify_assertion(kParty, challenge, *credential, changed).has_value()) << at;
  }
  auto forged = answer;
  forged.signature.back() ^= 1;
  EXPECT_FALSE(verify_assertion(kParty, challenge, *credential, forged).has_value());
  SoftAuthenticator stranger(GetParam());
  stranger.sign_count = 9;
  EXPECT_FALSE(verify_assertion(kParty, challenge, *credential, stranger.assert_with(challenge)).has_value());
}

TEST_P(WebAuthn, ACounterThatDoesNotMoveForwardMeansACopy) {
  SoftAuthenticator key(GetParam());
  const Bytes challenge = crypto::random_bytes(32);
  auto credential = verify_registration(kParty, challenge, key.register_with(challenge));
  credential->sign_count = 10;
  for (const std::uint32_t count : {0U, 5U, 10U}) {
    key.sign_count = count;
    const auto verdict = verify_assertion(kParty, challenge, *credential, key.assert_with(challenge));
    ASSERT_FALSE(verdict.has_value()) << count;
    EXPECT_EQ(verdict.error().code, "webauthn-cloned");
  }
  key.sign_count = 11;
  EXPECT_TRUE(verify_assertion(kParty, challenge, *credential, key.assert_with(challenge)).has_value());
}

TEST(WebAuthnCounter, AKeyWithoutACounterIsFine) {
  SoftAuthenticator key;
  key.sign_count = 0;
  const Bytes challenge = crypto::random_bytes(32);
  const auto credential = verify_registration(kParty, challenge, key.register_with(challenge));
  EXPECT_EQ(verify_assertion(kParty, challenge, *credential, key.assert_with(challenge)), 0U);
}

TEST(WebAuthnPolicy, UserVerificationIsDemandedWherePolicySaysSo) {
  RelyingParty strict = kParty;
  strict.user_verification = UserVerification::required;
  SoftAuthenticator key;
  key.flags = 0x01;
  const Bytes challenge = crypto::random_bytes(32);
  EXPECT_FALSE(verify_registration(strict, challenge, key.register_with(challenge)).has_value());
  EXPECT_TRUE(verify_registration(kParty, challenge, key.register_with(challenge)).has_value());
}

TEST(WebAuthnShape, RubbishAndForeignAttestationAreRefused) {
  SoftAuthenticator key;
  const Bytes challenge = crypto::random_bytes(32);
  const auto good = key.register_with(challenge);
  for (std::size_t size = 0; size < good.attestation_object.size(); ++size) {
    auto cut = good;
    cut.attestation_object.resize(size);
    EXPECT_FALSE(verify_registration(kParty, challenge, cut).has_value()) << size;
  }
  auto longer = good;
  longer.attestation_object.push_back(0);
  EXPECT_FALSE(verify_registration(kParty, challenge, longer).has_value());
  auto no_json = good;
  no_json.client_data_json = to_bytes(as_bytes("[]"));
  EXPECT_FALSE(verify_registration(kParty, challenge, no_json).has_value());
  for (const char* format : {"fido-u2f", "packed", "tpm", ""}) {
    key.format = format;
    EXPECT_FALSE(verify_registration(kParty, challenge, key.register_with(challenge)).has_value()) << format;
  }
}

}  // namespace
}  // namespace wardline::identity::webauthn
