#include "lib/conversation/organisation_test.h"

namespace wardline::conversation::testing {
namespace {

using mls::Credential;
using mls::CredentialRole;

class DeviceAuthorityTest : public ::testing::Test {
 protected:
  DeviceAuthorityTest() : ann_(organisation_, 1), ben_(organisation_, 2) {}

  DeviceAuthority authority(const Member& own) const {
    DeviceAuthority made(organisation_.ca(), organisation_.sender(),
                         *transparency::LogView::create(organisation_.log.key()), own.certificate);
    made.set_now(kNow);
    return made;
  }
  bool accepts(const DeviceAuthority& authority, const Credential& credential,
               CredentialRole role = CredentialRole::member) const {
    return authority.accepts(credential, key_.public_key(), role);
  }
  Credential credential_of(const Bytes& certificate) const { return Credential::x509({certificate}); }
  /// A certificate by the device CA that says something else than a device's does.
  Credential odd(const std::function<void(crypto::CertificateRequest&)>& change) const {
    auto request = organisation_.request_for(ann_.device);
    change(request);
    return credential_of(organisation_.certify(key_, request));
  }
  LoggedCertificate logged(const Member& member, std::uint64_t index) {
    return {member.hash(), index, organisation_.log.inclusion(index, organisation_.log.tree.size())};
  }

  Organisation organisation_;
  Member ann_;
  Member ben_;
  const crypto::SigningKey key_ = new_key();
};

TEST_F(DeviceAuthorityTest, ReadsWhoseDeviceItIsOffTheCertificateIam9) {
  const auto authority = this->authority(ann_);
  EXPECT_EQ(authority.device_of(credential_of(ben_.certificate)), ben_.device);
  EXPECT_EQ(authority.device_of(Credential::x509({ben_.certificate, organisation_.ca().der()})), ben_.device);
}

TEST_F(DeviceAuthorityTest, KnowsNobodyByAnythingElseThanOneCertificateOfOneDeviceIam9) {
  const auto authority = this->authority(ann_);
  EXPECT_FALSE(authority.device_of(Credential::basic(bytes_of("Ann"))));
  EXPECT_FALSE(authority.device_of(Credential::x509({})));
  EXPECT_FALSE(authority.device_of(Credential::x509({bytes_of("no certificate")})));
  EXPECT_FALSE(authority.device_of(Credential::x509({ann_.certificate, ben_.certificate})));
  EXPECT_FALSE(authority.device_of(credential_of(organisation_.ca().der()))) << "the CA is no device";
  const std::string urn = "urn:uuid:" + ann_.device.device_id;
  EXPECT_TRUE(authority.device_of(odd([&](auto&) {})));
  EXPECT_FALSE(authority.device_of(odd([&](auto& r) { r.uris = {}; })));
  EXPECT_FALSE(authority.device_of(odd([&](auto& r) { r.uris = {urn, urn}; })));
  EXPECT_FALSE(authority.device_of(odd([&](auto& r) { r.uris = {"https://example.org"}; })));
  EXPECT_FALSE(authority.device_of(odd([&](auto& r) { r.uris = {"urn:uuid:1"}; })));
  EXPECT_FALSE(authority.device_of(odd([&](auto& r) { r.common_name = "Ann"; })));
}

TEST_F(DeviceAuthorityTest, BelievesNoOtherAuthorityOfTheSameNameIam9) {
  const auto forger = new_key();
  const auto other = Organisation::authority(forger);
  const auto public_key = *crypto::VerificationKey::from_raw(kSignature, key_.public_key());
  const auto forged =
      *crypto::issue_certificate(forger, other, public_key, organisation_.request_for(ann_.device));
  EXPECT_FALSE(authority(ann_).device_of(credential_of(forged.der())));
  EXPECT_FALSE(accepts(authority(ann_), credential_of(forged.der())));
}

TEST_F(DeviceAuthorityTest, AcceptsItsOwnDeviceUnprovenAndNobodyElsesEnc8) {
  const auto authority = this->authority(ann_);
  EXPECT_TRUE(accepts(authority, credential_of(ann_.certificate)));
  EXPECT_FALSE(accepts(authority, credential_of(ben_.certificate)));
}

TEST_F(DeviceAuthorityTest, AcceptsADeviceFromItsProofOnEnc8) {
  auto authority = this->authority(ann_);
  ASSERT_TRUE(organisation_.log.teach(authority.log()));
  EXPECT_TRUE(authority.prove(logged(ben_, 1))) << "nobody has asked about it: that says nothing";
  EXPECT_FALSE(accepts(authority, credential_of(ben_.certificate)));
  EXPECT_EQ(authority.prove(logged(ben_, 0)).error().alarm, transparency::Alarm::not_included);
  EXPECT_FALSE(accepts(authority, credential_of(ben_.certificate)));
  EXPECT_TRUE(authority.prove(logged(ben_, 1)));
  EXPECT_TRUE(accepts(authority, credential_of(ben_.certificate)));
}

TEST_F(DeviceAuthorityTest, JudgesADeviceByTheTimeItIsNow) {
  auto authority = this->authority(ann_);
  const auto at = [&](std::int64_t now) {
    authority.set_now(now);
    return accepts(authority, credential_of(ann_.certificate));
  };
  EXPECT_TRUE(at(kNow));
  EXPECT_FALSE(at(kNow - 2 * kDay)) << "not yet";
  EXPECT_TRUE(at(kNow + 100 * kDay));
  EXPECT_TRUE(at(kNow + 100 * kDay + 999'999)) << "its last second counts to its end";
  EXPECT_FALSE(at(kNow + 100 * kDay + 1'000'000));
  EXPECT_EQ(authority.device_of(credential_of(ann_.certificate)), ann_.device) << "who it was it stays";
}

TEST_F(DeviceAuthorityTest, TakesARenewedCertificateForTheSameDeviceOnly) {
  const auto authority = this->authority(ann_);
  const auto renewed = odd([](auto& request) { request.validity.not_after += kDay; });
  EXPECT_TRUE(authority.accepts_successor(credential_of(ann_.certificate), renewed));
  EXPECT_FALSE(authority.accepts_successor(credential_of(ben_.certificate), renewed));
  EXPECT_FALSE(authority.accepts_successor(Credential::basic({}), Credential::basic({})))
      << "nobody is not the same as nobody";
}

TEST_F(DeviceAuthorityTest, KnowsOneExternalSenderByItsKeyAndItsName) {
  const auto authority = this->authority(ann_);
  const auto server = organisation_.sender();
  const auto is_server = [&](const Credential& credential, const Bytes& key) {
    return authority.accepts(credential, key, CredentialRole::external_sender);
  };
  EXPECT_TRUE(is_server(server.credential, server.signature_key));
  EXPECT_FALSE(is_server(server.credential, key_.public_key()));
  EXPECT_FALSE(is_server(Credential::basic(bytes_of("another")), server.signature_key));
  EXPECT_FALSE(is_server(credential_of(ann_.certificate), key_.public_key()));
}

TEST_F(DeviceAuthorityTest, CollectsEachUnloggedLeafOnceAndLetsNoneSlipPastTheCallEnc8) {
  const auto authority = this->authority(ann_);
  {
    UnloggedLeaves unlogged(authority, UnloggedLeaves::Mode::collect);
    EXPECT_TRUE(unlogged.check());
    EXPECT_TRUE(accepts(authority, credential_of(ben_.certificate))) << "so that one call names all of them";
    unlogged.look_at(credential_of(ben_.certificate));
    unlogged.look_at(credential_of(ann_.certificate));
    unlogged.look_at(Credential::basic(bytes_of("nobody")));
    EXPECT_EQ(unlogged.check().error().unlogged, std::vector{ben_.hash()});
  }
  EXPECT_FALSE(accepts(authority, credential_of(ben_.certificate))) << "and no longer";
  UnloggedLeaves strict(authority, UnloggedLeaves::Mode::refuse);
  EXPECT_FALSE(accepts(authority, credential_of(ben_.certificate)));
  EXPECT_EQ(strict.check().error().code, Code::unlogged_device);
}

}  // namespace
}  // namespace wardline::conversation::testing
