// The rules for joining by Welcome (RFC 9420 §12.4.3.1) and for groups that continue others (§11.2, §11.3).
#include <gtest/gtest.h>

#include "lib/mls/member/continuation.h"
#include "lib/mls/member/encryption.h"
#include "lib/mls/member/group_secrets.h"
#include "lib/mls/member/test_member.h"

namespace wardline::mls {
namespace {

/// Alice has invited Bob, who has not joined yet.
struct Invitation : TestWorld {
  Invitation() {
    create("alice");
    CommitRequest request;
    request.proposals.push_back({Add{bundle.key_package()}});
    welcome = *commit(*members[0], std::move(request)).welcome->as<Welcome>();
  }
  Result<Group> join() { return Group::join(welcome, bundle, {}, environment); }

  /// Seals other secrets for Bob, or the same for somebody else.
  void reseal(const KeyPackageBundle& to, ByteView secrets) {
    const LabeledEncryption encryption(suite, kWelcomeLabel, welcome.encrypted_group_info);
    welcome.secrets = {{to.reference(), encryption.encrypt(to.key_package().init_key, secrets).value()}};
  }
  SecretBytes open_secrets() {
    return std::move(decrypt_with_label(suite, bundle.init_key(), kWelcomeLabel, welcome.encrypted_group_info,
                                        welcome.secrets.front().encrypted_group_secrets)
                         .value());
  }

  TestMember bob{suite, "bob"};
  KeyPackageBundle bundle = bob.bundle();
  Welcome welcome;
};

TEST(Rule_welcome_suite, AWelcomeOfAnotherSuiteIsRefused) {
  Invitation invitation;
  invitation.welcome.cipher_suite = CipherSuite::p256_aes128gcm_sha256_p256;
  EXPECT_BREAKS(invitation.join(), welcome_suite);
}

TEST(Rule_welcome_for_key_package, AWelcomeForSomebodyElseIsRefused) {
  Invitation invitation;
  EXPECT_TRUE(Group::is_welcome_for(invitation.welcome, invitation.bundle));
  invitation.bundle = invitation.bob.bundle();
  EXPECT_FALSE(Group::is_welcome_for(invitation.welcome, invitation.bundle));
  EXPECT_BREAKS(invitation.join(), welcome_for_key_package);
}

TEST(Rule_group_secrets_open, AlteredSecretsAreRefused) {
  Invitation invitation;
  invitation.welcome.secrets.front().encrypted_group_secrets.ciphertext.back() ^= 1;
  EXPECT_BREAKS(invitation.join(), group_secrets_open);
}

TEST(Rule_group_secrets_decode, SealedGarbageIsRefused) {
  Invitation invitation;
  invitation.reseal(invitation.bundle, Bytes{0xff, 0xff});
  EXPECT_BREAKS(invitation.join(), group_secrets_decode);
}

TEST(Rule_welcome_group_info_opens, AnotherJoinerSecretDoesNotOpenTheGroupInfo) {
  Invitation invitation;
  const GroupSecrets secrets{crypto::random_secret(32), {}, {}};
  invitation.reseal(invitation.bundle, tls::encode(secrets));
  EXPECT_BREAKS(invitation.join(), welcome_group_info_opens);
}

TEST(Rule_welcome_leaf, WhoIsNotInTheTreeDoesNotJoin) {
  Invitation invitation;
  const SecretBytes secrets = invitation.open_secrets();
  const TestMember carol(invitation.suite, "carol");
  const KeyPackageBundle other = carol.bundle();
  invitation.reseal(other, secrets.view());
  EXPECT_BREAKS(Group::join(invitation.welcome, other, {}, invitation.environment), welcome_leaf);
}

TEST(Welcomes, AMemberWhoseCredentialIsNotAcceptedKeepsUsOut) {
  Invitation invitation;
  invitation.validator.refuse(invitation.members[0]->description.credential, CredentialRole::member);
  EXPECT_BREAKS(invitation.join(), credential_accepted);
}

TEST(Welcomes, AKeyPackageSurvivesStorageAndJoins) {
  Invitation invitation;
  const SealingKey key = SealingKey::generate();
  invitation.bundle = KeyPackageBundle::unseal(key, invitation.bundle.seal(key).value()).value();
  EXPECT_KEEPS(invitation.join());
}

/// Alice and Bob, and a successor of their group.
struct Successor : TestWorld {
  Successor() {
    create("alice");
    add(*members[0], "bob");
  }
  TestMember& alice() { return *members[0]; }
  TestMember& bob() { return *members[1]; }
  Group& old() { return *alice().group; }

  ReInit reinit(CipherSuite to = CipherSuite::x25519_aes128gcm_sha256_ed25519) {
    return {to_bytes(as_bytes("new group")), ProtocolVersion::mls10, to, {}};
  }
  void commit_reinit(ReInit what) {
    CommitRequest request;
    request.proposals.push_back({std::move(what)});
    commit(alice(), std::move(request));
  }
  PreSharedKeyId psk(ResumptionPskUsage usage) { return old().resumption_psk(usage).id; }

  /// What check_continuation says of Alice's old group as the first epoch of its successor, altered by
  /// `change`.
  Result<void> check(ResumptionPskUsage usage, const Alter<PublicState>& change) {
    PublicState state = old().public_state();
    state.context.epoch = 1;
    state.context.group_id = to_bytes(as_bytes("new group"));
    alter(change, state);
    const std::vector ids{psk(usage)};
    return check_continuation(state, ids, &old(), validation);
  }
  void add_stranger(PublicState& state) {
    state.tree.add(TestMember(suite, "stranger").bundle().key_package().leaf_node);
  }
};

TEST(Rule_continuation_psk_alone, TwoPredecessorsAreOneTooMany) {
  Successor group;
  const std::vector ids{group.psk(ResumptionPskUsage::branch), group.psk(ResumptionPskUsage::reinit)};
  EXPECT_BREAKS(check_continuation(group.old().public_state(), ids, &group.old(), group.validation),
                continuation_psk_alone);
}

TEST(Rule_continuation_known, WhoDoesNotKnowThePredecessorDoesNotJoin) {
  Successor group;
  const std::vector ids{group.psk(ResumptionPskUsage::branch)};
  EXPECT_BREAKS(check_continuation(group.old().public_state(), ids, nullptr, group.validation),
                continuation_known);
  group.commit(group.alice());
  EXPECT_BREAKS(check_continuation(group.old().public_state(), ids, &group.old(), group.validation),
                continuation_known);
}

TEST(Rule_continuation_epoch, AContinuationIsJoinedAtItsStart) {
  Successor group;
  EXPECT_KEEPS(group.check(ResumptionPskUsage::branch, {}));
  EXPECT_BREAKS(group.check(ResumptionPskUsage::branch, [](PublicState& state) { state.context.epoch = 2; }),
                continuation_epoch);
}

TEST(Rule_reinit_parameters, ASuccessorIsWhatTheReInitSays) {
  Successor group;
  EXPECT_BREAKS(group.check(ResumptionPskUsage::reinit, {}), reinit_parameters);  // None has been committed.
  group.commit_reinit(group.reinit());
  EXPECT_KEEPS(group.check(ResumptionPskUsage::reinit, {}));
  EXPECT_BREAKS(group.check(ResumptionPskUsage::reinit,
                            [](PublicState& state) { state.context.group_id.push_back(0); }),
                reinit_parameters);
  EXPECT_BREAKS(
      group.check(ResumptionPskUsage::reinit,
                  [](PublicState& state) { state.context.extensions.push_back({kTestExtension, {}}); }),
      reinit_parameters);
  EXPECT_BREAKS(group.check(ResumptionPskUsage::reinit,
                            [](PublicState& state) {
                              state.context.cipher_suite = CipherSuite::p256_aes128gcm_sha256_p256;
                            }),
                reinit_parameters);
}

TEST(Rule_reinit_members, NobodyIsLeftOutOfASuccessorOrSlippedIn) {
  Successor group;
  group.commit_reinit(group.reinit());
  group.validator.succession = false;
  EXPECT_BREAKS(group.check(ResumptionPskUsage::reinit, [](PublicState& state) { state.tree.remove({1}); }),
                reinit_members);
  EXPECT_BREAKS(group.check(ResumptionPskUsage::reinit,
                            [&](PublicState& state) {
                              state.tree.remove({1});
                              group.add_stranger(state);
                            }),
                reinit_members);
}

TEST(Rule_branch_parameters, ABranchHasTheSuiteOfItsOriginAndAnIdOfItsOwn) {
  Successor group;
  EXPECT_BREAKS(group.check(ResumptionPskUsage::branch,
                            [](PublicState& state) {
                              state.context.cipher_suite = CipherSuite::p256_aes128gcm_sha256_p256;
                            }),
                branch_parameters);
  EXPECT_BREAKS(group.check(ResumptionPskUsage::branch,
                            [&](PublicState& state) { state.context.group_id = group.old().group_id(); }),
                branch_parameters);
}

TEST(Rule_branch_members, NobodyIsSlippedIntoABranch) {
  Successor group;
  group.validator.succession = false;
  EXPECT_BREAKS(
      group.check(ResumptionPskUsage::branch, [&](PublicState& state) { group.add_stranger(state); }),
      branch_members);
}

TEST(Rule_reinit_committed, AGroupThatGoesOnIsNotReinitialised) {
  Successor group;
  EXPECT_BREAKS(group.old().reinitialise({}, group.alice().description, kTestLifetime, group.alice().signer,
                                         group.environment),
                reinit_committed);
}

TEST(Rule_reinit_suite_supported, ASuiteThatWeLackIsNotPretended) {
  Successor group;
  group.commit_reinit(group.reinit(CipherSuite{0x7a7a}));
  EXPECT_BREAKS(group.old().reinitialise({}, group.alice().description, kTestLifetime, group.alice().signer,
                                         group.environment),
                reinit_suite_supported);
}

TEST(Rule_group_not_reinitialised, NothingIsSentAfterAReInit) {
  Successor group;
  group.commit_reinit(group.reinit());
  EXPECT_FALSE(group.old().is_active());
  EXPECT_BREAKS(group.old().protect(as_bytes("x"), {}, group.alice().signer), group_not_reinitialised);
  EXPECT_BREAKS(group.bob().group->commit({}, group.bob().signer, group.environment),
                group_not_reinitialised);
}

/// Alice starts the successor; Bob joins it and they talk.
void expect_joint_successor(Successor& world, Result<Group::Continuation> started,
                            const KeyPackageBundle& bob_package, const TestMember& alice,
                            const TestMember& bob, const Group& bobs_old) {
  ASSERT_TRUE(started.has_value()) << name_of(started.error());
  ASSERT_TRUE(started->group.merge_pending().has_value());
  const Welcome& welcome = *started->bundle.welcome->as<Welcome>();
  EXPECT_BREAKS(Group::join(welcome, bob_package, {}, world.environment), psk_available);
  JoinInput input;
  input.continues = &bobs_old;
  auto joined = Group::join(welcome, bob_package, std::move(input), world.environment);
  ASSERT_TRUE(joined.has_value()) << name_of(joined.error());
  const auto message = started->group.protect(as_bytes("here we are"), {}, alice.signer).value();
  const auto event = joined->receive(message, world.environment).value();
  EXPECT_EQ(as_text(std::get<ApplicationMessage>(event).data.view()), "here we are");
  const auto answer = joined->protect(as_bytes("so are we"), {}, bob.signer).value();
  EXPECT_KEEPS(started->group.receive(answer, world.environment));
}

TEST(Continuations, AGroupGoesOnUnderAnotherSuiteAfterAReInit) {
  Successor old;
  old.commit_reinit(old.reinit(CipherSuite::p256_aes128gcm_sha256_p256));
  // The devices keep their names and get keys of the new suite.
  const Suite& suite = *crypto::find_suite(CipherSuite::p256_aes128gcm_sha256_p256);
  const TestMember alice(suite, "alice");
  const TestMember bob(suite, "bob");
  const KeyPackageBundle package = bob.bundle();
  auto started = old.old().reinitialise({package.key_package()}, alice.description, kTestLifetime,
                                        alice.signer, old.environment);
  expect_joint_successor(old, std::move(started), package, alice, bob, *old.bob().group);
}

TEST(Continuations, ASuccessorThatLeavesSomebodyOutIsNotMade) {
  Successor old;
  old.commit_reinit(old.reinit());
  const TestMember alice(old.suite, "alice");
  EXPECT_BREAKS(old.old().reinitialise({}, alice.description, kTestLifetime, alice.signer, old.environment),
                reinit_members);
}

TEST(Continuations, SomeMembersBranchOff) {
  Successor old;
  old.add(old.alice(), "carol");
  const KeyPackageBundle package = old.bob().bundle();
  auto started =
      old.old().branch(to_bytes(as_bytes("aside")), {}, {package.key_package()}, old.alice().description,
                       kTestLifetime, old.alice().signer, old.environment);
  expect_joint_successor(old, std::move(started), package, old.alice(), old.bob(), *old.bob().group);
}

}  // namespace
}  // namespace wardline::mls
