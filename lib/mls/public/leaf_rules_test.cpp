// RFC 9420 §7.2, §7.3, §10, §5.3: what breaks one rule of leaf nodes, credentials and key packages.
#include <gtest/gtest.h>

#include "lib/crypto/x509/issue.h"
#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

/// Commits an Add of a newcomer whose leaf or key package is spoilt before it is signed.
Result<StagedCommit> add_with(TestGroup& group, const Alter<LeafNode>& leaf,
                              const Alter<KeyPackage>& package = {}) {
  return group.stage(
      {.proposals = {by_value({Add{group.make_key_package(group.client("newcomer"), leaf, package)}})}});
}

Bytes key_of_wrong_size() { return Bytes(31, 7); }

TEST(Rule_leaf_encryption_key_valid, AKeyOfTheWrongSizeIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_KEEPS(add_with(group, {}));
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.encryption_key = key_of_wrong_size(); }),
                leaf_encryption_key_valid);
}

TEST(Rule_leaf_encryption_key_valid, ACompressedPointIsRefused) {
  TestGroup group(1, CipherSuite::p256_aes128gcm_sha256_p256);
  EXPECT_KEEPS(group.follow());
  EXPECT_BREAKS(
      add_with(group, [](LeafNode& leaf) { leaf.encryption_key.resize(33), leaf.encryption_key[0] = 2; }),
      leaf_encryption_key_valid);
}

TEST(Rule_leaf_signature_key_valid, AKeyOfTheWrongSizeIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.signature_key = key_of_wrong_size(); }),
                leaf_signature_key_valid);
}

TEST(Rule_leaf_signature, ALeafThatWasChangedAfterSigningIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(add_with(group, {}, [](KeyPackage& package) { ++package.leaf_node.lifetime.not_after; }),
                leaf_signature);
}

TEST(Rule_leaf_signature, ALeafThatWasSignedForAnotherPlaceIsRefused) {
  TestGroup group = followed_group(3);
  const LeafNode leaf = group.make_leaf(group.client("member 1"), LeafNodeSource::update, {2});
  EXPECT_BREAKS(group.send(group.make_proposal({1}, {Update{leaf}})), leaf_signature);
}

TEST(Rule_leaf_source_key_package, AnAddedLeafOfAnotherSourceIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.source = LeafNodeSource::update; }),
                leaf_source_key_package);
}

TEST(Rule_leaf_source_update, AnUpdatesLeafOfAnotherSourceIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_KEEPS(group.send(group.make_update({1})));
  EXPECT_BREAKS(
      group.send(group.make_update({1}, [](LeafNode& leaf) { leaf.source = LeafNodeSource::commit; })),
      leaf_source_update);
}

TEST(Rule_leaf_source_commit, APathsLeafOfAnotherSourceIsRefused) {
  const TestGroup group = followed_group(2);
  EXPECT_BREAKS(
      group.stage({.before_leaf_signature = [](LeafNode& leaf) { leaf.source = LeafNodeSource::update; }}),
      leaf_source_commit);
}

TEST(Rule_leaf_lifetime, AnAddBeforeOrAfterTheLifetimeIsRefused) {
  for (const std::uint64_t now : {999u, 1500u, 2001u}) {
    TestGroup group = followed_group(1, [&](TestGroup& each) { each.lifetimes = LifetimeCheck{.now = now}; });
    if (now == 1500) {
      EXPECT_KEEPS(add_with(group, {}));
    } else {
      EXPECT_BREAKS(add_with(group, {}), leaf_lifetime);
    }
  }
}

TEST(Rule_leaf_lifetime_span, ALifetimeLongerThanAllowedIsRefused) {
  TestGroup group = followed_group(1, [](TestGroup& each) { each.lifetimes = LifetimeCheck{1500, 1000}; });
  EXPECT_KEEPS(add_with(group, {}));
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { ++leaf.lifetime.not_after; }), leaf_lifetime_span);
}

TEST(Rule_leaf_extensions_unique, TwoExtensionsOfOneTypeAreRefused) {
  TestGroup group = followed_group(2);
  EXPECT_KEEPS(add_with(group, [](LeafNode& leaf) { leaf.extensions = {{kTestExtension, {}}}; }));
  EXPECT_BREAKS(
      add_with(group, [](LeafNode& leaf) { leaf.extensions = {{kTestExtension, {}}, {kTestExtension, {}}}; }),
      leaf_extensions_unique);
}

TEST(Rule_leaf_extensions_listed, AnExtensionThatTheLeafDoesNotListIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_KEEPS(
      add_with(group, [](LeafNode& leaf) { leaf.extensions = {make_extension(ApplicationId{Bytes(2)})}; }));
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.extensions = {{kOddExtension, {}}}; }),
                leaf_extensions_listed);
}

TEST(Rule_leaf_credential_listed, ACredentialTypeThatTheLeafDoesNotListIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(
      add_with(group, [](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::x509}; }),
      leaf_credential_listed);
}

TEST(Rule_leaf_supports_version, ALeafThatDoesNotListTheVersionIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.capabilities.versions = {}; }),
                leaf_supports_version);
}

TEST(Rule_leaf_supports_suite, ALeafThatDoesNotListTheSuiteIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.capabilities.cipher_suites = {}; }),
                leaf_supports_suite);
}

TEST(Rule_leaf_required_capabilities, ALeafWithoutARequiredCapabilityIsRefused) {
  TestGroup group = followed_group(2, [](TestGroup& each) {
    each.context.extensions = {
        make_extension(RequiredCapabilities{{kTestExtension}, {}, {CredentialType::x509}})};
  });
  EXPECT_KEEPS(add_with(group, {}));
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.capabilities.extensions = {}; }),
                leaf_required_capabilities);
  EXPECT_BREAKS(
      add_with(group, [](LeafNode& leaf) { leaf.capabilities.credentials = {CredentialType::basic}; }),
      leaf_required_capabilities);
}

TEST(Rule_leaf_supports_group_extensions, ALeafThatLacksAnExtensionOfTheGroupIsRefused) {
  TestGroup group =
      followed_group(2, [](TestGroup& each) { each.context.extensions = {{kTestExtension, Bytes(1)}}; });
  EXPECT_KEEPS(add_with(group, {}));
  EXPECT_BREAKS(add_with(group, [](LeafNode& leaf) { leaf.capabilities.extensions = {}; }),
                leaf_supports_group_extensions);
}

TEST(Rule_leaf_key_replaced, AnUpdateOrPathThatKeepsTheKeyIsRefused) {
  TestGroup group = followed_group(2);
  const auto keep = [&](std::uint32_t index) {
    return
        [&group, index](LeafNode& leaf) { leaf.encryption_key = group.tree->leaf({index})->encryption_key; };
  };
  EXPECT_BREAKS(group.send(group.make_update({1}, keep(1))), leaf_key_replaced);
  EXPECT_BREAKS(group.stage({.before_leaf_signature = keep(0)}), leaf_key_replaced);
}

TEST(Rule_credential_accepted, WhomTheAuthenticationServiceRefusesIsNotAdded) {
  TestGroup group = followed_group(2);
  group.validator->refuse(group.client("newcomer").credential, CredentialRole::external_sender);
  EXPECT_KEEPS(add_with(group, {}));
  group.validator->refuse(group.client("newcomer").credential, CredentialRole::member);
  EXPECT_BREAKS(add_with(group, {}), credential_accepted);
  EXPECT_BREAKS(
      group.stage({.joiner = &group.client("newcomer"), .proposals = {by_value({ExternalInit{Bytes(32)}})}}),
      credential_accepted);
}

TEST(Rule_credential_accepted, MembersWhoAreNotAcceptedKeepANewcomerFromJoining) {
  TestGroup group(2);
  group.validator->refuse(group.client("member 1").credential, CredentialRole::member);
  EXPECT_BREAKS(group.follow(), credential_accepted);
}

TEST(Rule_credential_successor, AChangeOfIdentityThatIsNotAcceptedIsRefused) {
  TestGroup group = followed_group(3);
  group.validator->succession = false;
  const Alter<LeafNode> rename = [](LeafNode& leaf) { leaf.credential = Credential::basic(Bytes(3)); };
  EXPECT_KEEPS(group.send(group.make_update({1})));
  EXPECT_BREAKS(group.send(group.make_update({1}, rename)), credential_successor);
  EXPECT_BREAKS(group.stage({.before_leaf_signature = rename}), credential_successor);
  const std::vector<ProposalOrRef> resync{by_value({ExternalInit{Bytes(32)}}), by_value({Remove{{1}}})};
  EXPECT_BREAKS(group.stage({.joiner = &group.client("impostor"), .proposals = resync}),
                credential_successor);
}

TEST(Rule_credential_certificate_key, ACertificateForAnotherKeyIsRefused) {
  TestGroup group(1, CipherSuite::p256_aes128gcm_sha256_p256);
  EXPECT_KEEPS(group.follow());
  const auto certificate = [](const TestClient& of) {
    const crypto::CertificateRequest request{.common_name = of.name,
                                             .organization = {},
                                             .serial = crypto::random_serial(),
                                             .validity = {0, 4'000'000'000'000'000},
                                             .uris = {},
                                             .dns_names = {},
                                             .ip_addresses = {}};
    return Credential::x509({crypto::issue_self_signed(of.signing, request)->der()});
  };
  const Credential own = certificate(group.client("newcomer"));
  const Credential other = certificate(group.client("other"));
  EXPECT_KEEPS(add_with(group, [&](LeafNode& leaf) { leaf.credential = own; }));
  EXPECT_BREAKS(add_with(group, [&](LeafNode& leaf) { leaf.credential = other; }),
                credential_certificate_key);
  EXPECT_BREAKS(add_with(group, [&](LeafNode& leaf) { leaf.credential = Credential::x509({}); }),
                credential_certificate_key);
}

TEST(Rule_member_encryption_keys_unique, ANewcomerWithTheKeyOfAMemberIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(
      add_with(group, [&](LeafNode& leaf) { leaf.encryption_key = group.tree->leaf({1})->encryption_key; }),
      member_encryption_keys_unique);
}

TEST(Rule_member_signature_keys_unique, AMemberWhoIsAddedAgainIsRefusedUnlessRemovedByTheSameCommit) {
  TestGroup group = followed_group(3);
  const KeyPackage again = group.make_key_package(group.client("member 1"));
  EXPECT_BREAKS(group.stage({.proposals = {by_value({Add{again}})}}), member_signature_keys_unique);
  EXPECT_KEEPS(group.stage({.proposals = {by_value({Add{again}}), by_value({Remove{{1}}})}}));
}

TEST(Rule_credential_types_supported, ACredentialTypeThatSomebodyCannotReadIsRefused) {
  TestGroup group = followed_group(2);
  const auto type = static_cast<CredentialType>(0xF003);
  EXPECT_BREAKS(add_with(group,
                         [&](LeafNode& leaf) {
                           leaf.credential = {UnknownCredential{type, Bytes(2)}};
                           leaf.capabilities.credentials.push_back(type);
                         }),
                credential_types_supported);
}

TEST(Rule_key_package_version, AnotherVersionIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_BREAKS(
      add_with(group, {}, [](KeyPackage& package) { package.version = static_cast<ProtocolVersion>(2); }),
      key_package_version);
}

TEST(Rule_key_package_suite, AnotherCipherSuiteIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_BREAKS(add_with(group, {},
                         [](KeyPackage& package) {
                           package.cipher_suite = CipherSuite::x25519_chacha20poly1305_sha256_ed25519;
                         }),
                key_package_suite);
}

TEST(Rule_key_package_signature, AKeyPackageThatAnotherSignedIsRefused) {
  TestGroup group = followed_group(1);
  KeyPackage package = group.make_key_package(group.client("newcomer"));
  group.sign_key_package(package, group.client("other"));
  EXPECT_BREAKS(group.stage({.proposals = {by_value({Add{package}})}}), key_package_signature);
}

TEST(Rule_key_package_init_key_valid, AnInitKeyOfTheWrongSizeIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_BREAKS(add_with(group, {}, [](KeyPackage& package) { package.init_key = key_of_wrong_size(); }),
                key_package_init_key_valid);
}

TEST(Rule_key_package_init_key_differs, AnInitKeyThatIsTheLeafsKeyIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_BREAKS(
      add_with(group, {}, [](KeyPackage& package) { package.init_key = package.leaf_node.encryption_key; }),
      key_package_init_key_differs);
}

TEST(Rule_key_package_extensions_unique, TwoExtensionsOfOneTypeAreRefused) {
  TestGroup group = followed_group(1);
  EXPECT_BREAKS(add_with(group, {},
                         [](KeyPackage& package) {
                           package.extensions = {{kTestExtension, {}}, {kTestExtension, Bytes(1)}};
                         }),
                key_package_extensions_unique);
}

TEST(Rule_key_package_extensions_listed, AnExtensionThatTheLeafDoesNotListIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_KEEPS(add_with(group, {}, [](KeyPackage& package) { package.extensions = {{kTestExtension, {}}}; }));
  EXPECT_BREAKS(add_with(group, {}, [](KeyPackage& package) { package.extensions = {{kOddExtension, {}}}; }),
                key_package_extensions_listed);
}

}  // namespace
}  // namespace wardline::mls
