#include "server/identity/devices.h"

#include <gtest/gtest.h>

#include "tests/hospital/identity_harness.h"

namespace wardline::identity {
namespace {

using namespace std::chrono_literals;
using hospital::must;
using hospital::SoftDevice;
using hospital::ward;
using policy::Action;

struct Heard final : LifecycleObserver {
  void on_device_revoked(storage::Transaction&, core::UserId, core::DeviceId device) override {
    revoked.push_back(device);
  }
  void on_sessions_ended(std::span<const core::SessionId> sessions, SessionEnd why) override {
    ended.insert(ended.end(), sessions.begin(), sessions.end());
    last_reason = why;
  }
  std::vector<core::DeviceId> revoked;
  std::vector<core::SessionId> ended;
  SessionEnd last_reason = SessionEnd::expired;
};

class DevicesTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    hospital_ = std::make_unique<hospital::IdentityHarness>(GetParam());
    hospital_->identity->lifecycle().add(heard_);
    anna_ = hospital_->add("anna");
    bert_ = hospital_->add("bert");
  }

  Devices& devices() { return hospital_->identity->devices(); }
  Sessions& sessions() { return hospital_->identity->sessions(); }
  static Requester asker(const StartedSession& started) {
    return hospital::IdentityHarness::requester(started.session);
  }
  Bytes challenge(const StartedSession& started) { return must(sessions().new_challenge(asker(started))); }
  template <class T>
  static std::string_view code_of(const core::Result<T>& result) {
    return result ? "" : result.error().code;
  }

  Heard heard_;
  std::unique_ptr<hospital::IdentityHarness> hospital_;
  hospital::IdentityHarness::Somebody anna_;
  hospital::IdentityHarness::Somebody bert_;
};
WARDLINE_ON_EACH_ENGINE(DevicesTest);

TEST_P(DevicesTest, ADeviceGetsACertificateThatNamesItItsPersonAndItsKey) {
  const auto signed_in = hospital_->sign_in(anna_);
  const SoftDevice device;
  const auto registered =
      must(devices().enrol(asker(signed_in), device.registration(), device.prove(challenge(signed_in))));
  EXPECT_EQ(registered.session.session.device, device.id());
  EXPECT_EQ(registered.storage_share.size(), 32U);
  ASSERT_EQ(registered.certificate_chain.size(), 2U);
  const auto leaf = crypto::Certificate::parse(registered.certificate_chain[0]);
  const auto authority = crypto::Certificate::parse(registered.certificate_chain[1]);
  ASSERT_TRUE(leaf && authority);
  EXPECT_EQ(leaf->common_name(), anna_.id.to_string());
  EXPECT_EQ(leaf->uris(), std::vector{"urn:uuid:" + device.id().to_string()});
  EXPECT_EQ(leaf->key()->raw(), device.key().public_key());
  EXPECT_TRUE(leaf->verify_issued_by(*authority, hospital_->clock.now().microseconds).has_value());
  EXPECT_FALSE(leaf->is_authority());
  EXPECT_EQ(hospital_->count_entries(audit::SystemAct::certificate_issue, audit::Outcome::done), 2U);
}

TEST_P(DevicesTest, TheTokenChangesWithTheStageSoAPlantedOneIsWorthNothing) {
  const auto signed_in = hospital_->sign_in(anna_);
  ASSERT_TRUE(sessions().authenticate(signed_in.key()).has_value());
  const SoftDevice device;
  const auto bound =
      must(devices().enrol(asker(signed_in), device.registration(), device.prove(challenge(signed_in))))
          .session;
  EXPECT_NE(bound.token, signed_in.token);
  EXPECT_EQ(code_of(sessions().authenticate(signed_in.key())), "session-ended");
  EXPECT_EQ(must(sessions().authenticate(bound.key())).stage(), policy::Stage::device_bound);
  EXPECT_EQ(bound.session.id, signed_in.session.id);
}

TEST_P(DevicesTest, AChallengeWorksOnceForItsSessionAndForAMinute) {
  const SoftDevice device;
  (void)hospital_->at_device(anna_, device);
  const auto first = hospital_->sign_in(anna_);
  const auto second = hospital_->sign_in(anna_);
  const Bytes of_first = challenge(first);
  EXPECT_EQ(code_of(devices().bind_session(asker(second), device.id(), device.prove(of_first))),
            "wrong-proof");
  const auto proof = device.prove(of_first);
  EXPECT_EQ(code_of(devices().bind_session(asker(first), device.id(), proof)), "");
  EXPECT_EQ(code_of(devices().bind_session(asker(first), device.id(), proof)), "wrong-proof") << "replayed";
  const Bytes old = challenge(second);
  hospital_->clock.advance(60s);
  EXPECT_EQ(code_of(devices().bind_session(asker(second), device.id(), device.prove(old))), "wrong-proof");
}

TEST_P(DevicesTest, AWrongSignatureUsesTheChallengeUp) {
  const SoftDevice device;
  const SoftDevice thief;
  (void)hospital_->at_device(anna_, device);
  const auto signed_in = hospital_->sign_in(anna_);
  const Bytes challenged = challenge(signed_in);
  EXPECT_EQ(code_of(devices().bind_session(asker(signed_in), device.id(), thief.prove(challenged))),
            "wrong-proof");
  EXPECT_EQ(code_of(devices().bind_session(asker(signed_in), device.id(), device.prove(challenged))),
            "wrong-proof");
  EXPECT_EQ(hospital_->count_entries(Action::session_bind_device, audit::Outcome::failed), 2U);
}

TEST_P(DevicesTest, NobodyBindsToOrRegistersSomebodyElsesDevice) {
  const SoftDevice device;
  (void)hospital_->at_device(anna_, device);
  const auto bert = hospital_->sign_in(bert_);
  EXPECT_EQ(code_of(devices().bind_session(asker(bert), device.id(), device.prove(challenge(bert)))),
            "wrong-proof");
  EXPECT_EQ(code_of(devices().enrol(asker(bert), device.registration(), device.prove(challenge(bert)))),
            "device-exists");
  auto same_key = device.registration();
  same_key.id = core::new_id<core::DeviceId>();
  EXPECT_EQ(code_of(devices().enrol(asker(bert), same_key, device.prove(challenge(bert)))), "device-exists");
  auto compressed = device.registration();
  compressed.signature_key.resize(33);
  compressed.signature_key[0] = 2;
  EXPECT_EQ(code_of(devices().enrol(asker(bert), compressed, device.prove(challenge(bert)))), "bad-key");
}

TEST_P(DevicesTest, DEV2_ARevokedDeviceIsCutOffAtOnceAndForGood) {
  const SoftDevice lost;
  const SoftDevice kept;
  const auto at_lost = hospital_->at_device(anna_, lost);
  const auto at_kept = hospital_->at_device(anna_, kept);
  ASSERT_TRUE(sessions().authenticate(at_lost.key()).has_value());
  ASSERT_TRUE(sessions().authenticate_now(at_lost.key()).has_value()) << "it is in the cache";
  ASSERT_TRUE(devices().storage_share(asker(at_lost)).has_value());
  must(devices().revoke(asker(at_kept), lost.id()));
  EXPECT_FALSE(sessions().authenticate_now(at_lost.key()).has_value());
  EXPECT_EQ(code_of(sessions().authenticate(at_lost.key())), "session-ended");
  EXPECT_EQ(code_of(devices().storage_share(asker(at_lost))), "device-revoked");
  EXPECT_EQ(heard_.revoked, std::vector{lost.id()});
  EXPECT_EQ(heard_.ended, std::vector{at_lost.session.id});
  EXPECT_EQ(heard_.last_reason, SessionEnd::device_revoked);
  const auto again = hospital_->sign_in(anna_);
  EXPECT_EQ(code_of(devices().bind_session(asker(again), lost.id(), lost.prove(challenge(again)))),
            "wrong-proof");
  EXPECT_EQ(code_of(devices().enrol(asker(again), lost.registration(), lost.prove(challenge(again)))),
            "device-exists");
  EXPECT_TRUE(sessions().authenticate(at_kept.key()).has_value());
  must(devices().revoke(asker(at_kept), lost.id()));
  EXPECT_EQ(heard_.revoked.size(), 1U) << "a second time changes nothing";
  const auto listed = must(devices().list(asker(at_kept)));
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_TRUE(listed[0].revoked_at.has_value());
  EXPECT_FALSE(listed[1].revoked_at.has_value());
}

TEST_P(DevicesTest, OnlyItsOwnerOrAnAdministratorRevokesADevice) {
  const SoftDevice device;
  (void)hospital_->at_device(anna_, device);
  const auto bert = hospital_->at_new_device(bert_);
  EXPECT_EQ(code_of(devices().revoke(asker(bert), device.id())), "not-permitted");
  EXPECT_EQ(hospital_->count_entries(Action::device_revoke, audit::Outcome::denied), 1U);
  EXPECT_EQ(code_of(devices().revoke(asker(bert), core::new_id<core::DeviceId>())), "device-not-found");
  auto admin = hospital_->add("admin", policy::Role::admin);
  EXPECT_EQ(code_of(devices().revoke(asker(hospital_->at_new_device(admin)), device.id())), "");
  EXPECT_EQ(heard_.revoked, std::vector{device.id()});
}

TEST_P(DevicesTest, EachDeviceHasItsOwnShareWhichStays) {
  const SoftDevice one;
  const SoftDevice two;
  const auto at_one = hospital_->at_device(anna_, one);
  const auto at_two = hospital_->at_device(anna_, two);
  const auto share = must(devices().storage_share(asker(at_one)));
  EXPECT_TRUE(equal(share.view(), must(devices().storage_share(asker(at_one))).view()));
  EXPECT_FALSE(equal(share.view(), must(devices().storage_share(asker(at_two))).view()));
  const auto signed_in = hospital_->sign_in(anna_);
  EXPECT_EQ(code_of(devices().storage_share(asker(signed_in))), "device-needed");
}

TEST_P(DevicesTest, APersonHasABoundedNumberOfDevices) {
  for (std::int64_t i = 0; i < Devices::kActiveMost; ++i) (void)hospital_->at_new_device(anna_);
  const auto signed_in = hospital_->sign_in(anna_);
  const SoftDevice one_more;
  EXPECT_EQ(code_of(devices().enrol(asker(signed_in), one_more.registration(),
                                    one_more.prove(challenge(signed_in)))),
            "too-many-devices");
}

TEST_P(DevicesTest, ALeaverLosesSessionsAndDevicesInOneStep) {
  const auto session = hospital_->at_new_device(anna_);
  must(hospital_->write([&](storage::Transaction& tx) -> core::Result<void> {
    hospital_->identity->accounts().deactivate(tx, ChangeAuthor::system(), anna_.id);
    return {};
  }));
  EXPECT_EQ(code_of(sessions().authenticate(session.key())), "session-ended");
  EXPECT_EQ(heard_.revoked.size(), 1U);
  EXPECT_EQ(heard_.last_reason, SessionEnd::account_ended);
}

TEST_P(DevicesTest, TheAuthorityIsTheSameAfterARestart) {
  const auto again = must(DeviceAuthority::open(hospital_->environment, "Another name"));
  EXPECT_EQ(again.certificate().der(), hospital_->identity->authority().certificate().der());
}

}  // namespace
}  // namespace wardline::identity
