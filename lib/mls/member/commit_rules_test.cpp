// The rules for commits and for what our own side must bring. Each test breaks one.
#include <gtest/gtest.h>

#include "lib/mls/member/test_member.h"

namespace wardline::mls {
namespace {

struct Pair : TestWorld {
  Pair() {
    create("alice");
    add(*members[0], "bob");
  }
  TestMember& alice() { return *members[0]; }
  TestMember& bob() { return *members[1]; }
  CommitBundle alice_commits(CommitRequest request) {
    return alice().group->commit(std::move(request), alice().signer, environment).value();
  }
};

/// A tree of two members with their private keys, and a path that the first one makes.
struct PathPair {
  const Suite& suite = *crypto::find_suite(CipherSuite::p256_aes128gcm_sha256_p256);
  TestMember first{suite, "first"};
  TestMember second{suite, "second"};
  KeyPackageBundle keys = second.bundle();
  RatchetTree tree = RatchetTree::of_creator(suite, first.bundle().key_package().leaf_node);
  Bytes context = Bytes(8, 1);

  UpdatePath make() {
    tree.add(keys.key_package().leaf_node);
    const auto own = OwnPath::create(tree, {0}, *tree.leaf({0}), first.signer, {}).value();
    return own.seal(tree, {}, context).value();
  }
};

TEST(Rule_path_secret_for_member, APathWithoutACiphertextForUsIsRefused) {
  PathPair pair;
  const UpdatePath path = pair.make();
  PrivateTree stranger({1}, crypto::HpkePrivateKey::generate(pair.suite).value());
  EXPECT_BREAKS(stranger.open_path(pair.tree, {0}, path, {}, pair.context), path_secret_for_member);
}

TEST(Rule_path_secret_opens, APathSealedUnderAnotherContextIsRefused) {
  PathPair pair;
  const UpdatePath path = pair.make();
  PrivateTree second({1}, pair.keys.leaf_key().copy());
  EXPECT_BREAKS(second.open_path(pair.tree, {0}, path, {}, Bytes(8, 2)), path_secret_opens);
  EXPECT_KEEPS(second.open_path(pair.tree, {0}, path, {}, pair.context));
}

TEST(Rule_path_secret_matches, APathSecretThatLeadsToOtherKeysIsRefused) {
  PathPair pair;
  pair.make();
  PrivateTree second({1}, pair.keys.leaf_key().copy());
  EXPECT_BREAKS(second.implant(pair.tree, {0}, PathSecret::random(pair.suite)), path_secret_matches);
}

TEST(Rule_provider_available, APathIsNotSealedToAKeyThatIsNone) {
  PathPair pair;
  LeafNode leaf = pair.keys.key_package().leaf_node;
  leaf.encryption_key.resize(3);
  pair.tree.add(leaf);
  const auto own = OwnPath::create(pair.tree, {0}, *pair.tree.leaf({0}), pair.first.signer, {});
  EXPECT_BREAKS(own->seal(pair.tree, {}, pair.context), provider_available);
}

TEST(Rule_confirmation_tag, AnEpochWhoseTagIsNotTheKeySchedulesIsRefused) {
  Pair pair;
  const Group& group = *pair.alice().group;
  const EpochEntry entry{{crypto::random_secret(32)}, crypto::random_secret(32)};
  PrivateTree private_tree(group.own_leaf(), crypto::HpkePrivateKey::generate(pair.suite).value());
  EXPECT_BREAKS(confirm_epoch(group.public_state(), std::move(private_tree), entry), confirmation_tag);
}

TEST(Rule_confirmation_tag, ACommitterWithAnotherPskIsNotFollowed) {
  Pair pair;
  const Bytes id = to_bytes(as_bytes("psk"));
  pair.psks.psks[id] = Bytes(32, 1);
  CommitRequest request;
  request.proposals.push_back(
      {PreSharedKey{{ExternalPskId{id}, crypto::random_bytes(pair.suite.hash_size)}}});
  const auto bundle = pair.alice_commits(std::move(request));
  pair.psks.psks[id] = Bytes(32, 2);
  EXPECT_BREAKS(pair.bob().group->receive(bundle.commit, pair.environment), confirmation_tag);
}

TEST(Rule_psk_available, ACommitWithAPskThatWeLackIsRefusedAndOpensOnceItIsThere) {
  Pair pair;
  const Bytes id = to_bytes(as_bytes("psk"));
  pair.psks.psks[id] = Bytes(32, 1);
  CommitRequest request;
  request.proposals.push_back(
      {PreSharedKey{{ExternalPskId{id}, crypto::random_bytes(pair.suite.hash_size)}}});
  const auto bundle = pair.alice_commits(std::move(request));
  const Environment without{pair.validation, nullptr};
  EXPECT_BREAKS(pair.bob().group->receive(bundle.commit, without), psk_available);
  EXPECT_KEEPS(pair.bob().group->receive(bundle.commit, pair.environment));
}

TEST(Rule_external_init_opens, AnExternalInitThatIsNoKemOutputIsRefused) {
  Pair pair;
  TestMember carol(pair.suite, "carol");
  const auto info = pair.alice().group->group_info(carol.signer);
  EXPECT_BREAKS(info, signer_matches_leaf);
  const auto good = pair.alice().group->group_info(pair.alice().signer, {.with_tree = true}).value();
  const auto join =
      ExternalJoin::create(*good.as<GroupInfo>(), {.leaf = carol.description}, carol.signer, pair.environment)
          .value();
  PublicMessage message = *join.commit().as<PublicMessage>();
  auto& commit = std::get<Commit>(message.content.content);
  std::get<ExternalInit>(std::get<Proposal>(commit.proposals.front().value).value).kem_output.resize(5);
  const Bytes tbs = framed_content_tbs(WireFormat::public_message, message.content,
                                       tls::encode(pair.alice().group->context()));
  message.auth.signature = sign_with_label(carol.signer, kFramedContentLabel, tbs).value();
  EXPECT_BREAKS(pair.bob().group->receive({message}, pair.environment), external_init_opens);
}

TEST(Rule_external_pub_present, AGroupInfoWithoutExternalKeyInvitesNobody) {
  Pair pair;
  TestMember carol(pair.suite, "carol");
  const auto info =
      pair.alice().group->group_info(pair.alice().signer, {.with_tree = true, .with_external_pub = false});
  EXPECT_BREAKS(ExternalJoin::create(*info->as<GroupInfo>(), {.leaf = carol.description}, carol.signer,
                                     pair.environment),
                external_pub_present);
}

TEST(Rule_one_pending_commit, ASecondCommitWaitsForTheFirst) {
  Pair pair;
  pair.alice_commits({.with_path = true});
  EXPECT_BREAKS(pair.alice().group->commit({}, pair.alice().signer, pair.environment), one_pending_commit);
  pair.alice().group->discard_pending();
  EXPECT_KEEPS(pair.alice().group->commit({}, pair.alice().signer, pair.environment));
}

TEST(Rule_pending_commit_exists, NothingPendingNothingMerged) {
  Pair pair;
  EXPECT_BREAKS(pair.alice().group->merge_pending(), pending_commit_exists);
}

TEST(Rule_staged_from_current_epoch, ACommitThatWasOvertakenIsNotMerged) {
  Pair pair;
  const auto first = pair.alice_commits({.with_path = true});
  auto staged = pair.bob().group->receive(first.commit, pair.environment).value();
  auto again = pair.bob().group->receive(first.commit, pair.environment).value();
  EXPECT_KEEPS(pair.bob().group->merge(std::move(std::get<ReceivedCommit>(staged))));
  EXPECT_BREAKS(pair.bob().group->merge(std::move(std::get<ReceivedCommit>(again))),
                staged_from_current_epoch);
}

TEST(Rule_still_member, WhoIsRemovedNeitherSendsNorReceivesNorExports) {
  Pair pair;
  CommitRequest request;
  request.proposals.push_back({Remove{pair.bob().group->own_leaf()}});
  pair.commit(pair.alice(), std::move(request));
  Group& bob = *pair.bob().group;
  EXPECT_FALSE(bob.is_active());
  EXPECT_BREAKS(bob.protect(as_bytes("x"), {}, pair.bob().signer), still_member);
  EXPECT_BREAKS(bob.export_secret("x", {}, 16), still_member);
  const auto message = pair.alice().group->protect(as_bytes("x"), {}, pair.alice().signer).value();
  EXPECT_BREAKS(bob.receive(message, pair.environment), still_member);
  const SealingKey key = SealingKey::generate();
  EXPECT_BREAKS(Group::load(key, bob.serialize(key).value())->export_secret("x", {}, 16), still_member);
}

TEST(Rule_own_update_known, AnUpdateWhoseKeyWasLostCannotBeFollowed) {
  Pair pair;
  const SealingKey key = SealingKey::generate();
  const Bytes before = pair.bob().group->serialize(key).value();
  const auto update = pair.bob().group->propose_update({}, pair.bob().signer, pair.environment).value();
  *pair.bob().group = Group::load(key, before).value();
  pair.deliver(update, nullptr);
  const auto bundle = pair.alice_commits({});
  EXPECT_BREAKS(pair.bob().group->receive(bundle.commit, pair.environment), own_update_known);
}

class BrokenSigner final : public crypto::Signer {
 public:
  explicit BrokenSigner(const crypto::Signer& like)
      : algorithm_(like.algorithm()), public_key_(like.public_key()) {}
  crypto::SignatureAlgorithm algorithm() const override { return algorithm_; }
  const Bytes& public_key() const override { return public_key_; }
  crypto::Result<Bytes> sign(ByteView) const override {
    return std::unexpected(crypto::Error::provider_failure);
  }

 private:
  crypto::SignatureAlgorithm algorithm_;
  Bytes public_key_;
};

TEST(Rule_signer_available, AKeyThatDoesNotSignStopsEverythingAndChangesNothing) {
  Pair pair;
  const BrokenSigner signer(pair.alice().signer);
  Group& group = *pair.alice().group;
  EXPECT_BREAKS(group.protect(as_bytes("x"), {}, signer), signer_available);
  EXPECT_BREAKS(group.commit({.with_path = true}, signer, pair.environment), signer_available);
  EXPECT_BREAKS(group.commit({}, signer, pair.environment), signer_available);
  EXPECT_BREAKS(group.propose_update({}, signer, pair.environment), signer_available);
  EXPECT_BREAKS(group.group_info(signer), signer_available);
  EXPECT_FALSE(group.has_pending());
  EXPECT_TRUE(group.proposals().empty());
  EXPECT_BREAKS(KeyPackageBundle::create(pair.suite, signer, pair.alice().description, kTestLifetime),
                signer_available);
}

TEST(Rule_signer_matches_suite, AKeyOfAnotherAlgorithmMakesNoLeaf) {
  TestWorld world;
  TestMember odd(*crypto::find_suite(CipherSuite::p256_aes128gcm_sha256_p256), "odd");
  EXPECT_BREAKS(KeyPackageBundle::create(world.suite, odd.signer, odd.description, kTestLifetime),
                signer_matches_suite);
  EXPECT_BREAKS(
      Group::create({world.suite, {}, odd.description, kTestLifetime}, odd.signer, world.environment),
      signer_matches_suite);
}

TEST(Rule_signer_matches_leaf, NobodySendsWithAnothersKey) {
  Pair pair;
  EXPECT_BREAKS(pair.alice().group->protect(as_bytes("x"), {}, pair.bob().signer), signer_matches_leaf);
  EXPECT_BREAKS(pair.alice().group->commit({}, pair.bob().signer, pair.environment), signer_matches_leaf);
}

TEST(Rule_key_package_keys, PrivateKeysOfAnotherKeyPackageAreRefused) {
  TestWorld world;
  TestMember member(world.suite, "member");
  const auto one = member.bundle();
  const auto other = member.bundle();
  EXPECT_BREAKS(
      KeyPackageBundle::from_keys(one.key_package(), other.init_key().copy(), one.leaf_key().copy()),
      key_package_keys);
  EXPECT_BREAKS(
      KeyPackageBundle::from_keys(one.key_package(), one.init_key().copy(), other.leaf_key().copy()),
      key_package_keys);
}

TEST(Rule_sealing_key_size, AShortKeySealsNothing) {
  EXPECT_BREAKS(SealingKey::create(SecretBytes(16)), sealing_key_size);
}

TEST(Rule_sealed_state_opens, StateOpensOnlyWholeAndWithItsKeyAndAsWhatItIs) {
  Pair pair;
  const SealingKey key = SealingKey::generate();
  const Bytes sealed = pair.alice().group->serialize(key).value();
  EXPECT_KEEPS(Group::load(key, sealed));
  EXPECT_BREAKS(Group::load(SealingKey::generate(), sealed), sealed_state_opens);
  EXPECT_BREAKS(KeyPackageBundle::unseal(key, sealed), sealed_state_opens);
  for (const std::size_t at : {std::size_t{1}, std::size_t{2}, std::size_t{40}, sealed.size() - 1}) {
    Bytes altered = sealed;
    altered[at] ^= 1;
    EXPECT_BREAKS(Group::load(key, altered), sealed_state_opens);
  }
  EXPECT_BREAKS(Group::load(key, ByteView(sealed).first(sealed.size() - 1)), sealed_state_opens);
  EXPECT_BREAKS(Group::load(key, {}), sealed_state_opens);
}

TEST(Rule_sealed_state_version, StateOfALaterVersionIsNotGuessedAt) {
  Pair pair;
  const SealingKey key = SealingKey::generate();
  Bytes sealed = pair.alice().group->serialize(key).value();
  sealed[0] = 2;
  EXPECT_BREAKS(Group::load(key, sealed), sealed_state_version);
}

TEST(Rule_ratchets_of_epoch, RatchetsOfAnotherEpochAreNotRestored) {
  Pair pair;
  const SealingKey key = SealingKey::generate();
  const Bytes ratchets = pair.alice().group->serialize_ratchets(key).value();
  pair.commit(pair.alice(), {.with_path = true});
  EXPECT_BREAKS(pair.alice().group->restore_ratchets(key, ratchets), ratchets_of_epoch);
}

TEST(Storage, RatchetsStoredAfterAMessageKeepItFromOpeningAgain) {
  Pair pair;
  const SealingKey key = SealingKey::generate();
  const Bytes whole = pair.bob().group->serialize(key).value();
  const auto message = pair.alice().group->protect(as_bytes("x"), {}, pair.alice().signer).value();
  EXPECT_KEEPS(pair.bob().group->receive(message, pair.environment));
  const Bytes ratchets = pair.bob().group->serialize_ratchets(key).value();
  Group loaded = Group::load(key, whole).value();
  EXPECT_KEEPS(loaded.restore_ratchets(key, ratchets));
  EXPECT_BREAKS(loaded.receive(message, pair.environment), generation_unused);
}

TEST(Storage, APendingCommitSurvivesACrash) {
  Pair pair;
  const auto bundle = pair.alice_commits({.with_path = true});
  const SealingKey key = SealingKey::generate();
  *pair.alice().group = Group::load(key, pair.alice().group->serialize(key).value()).value();
  pair.deliver(bundle.commit, &pair.alice());
  EXPECT_TRUE(std::holds_alternative<OwnCommitAccepted>(
      pair.alice().group->receive(bundle.commit, pair.environment).value()));
  EXPECT_KEEPS(pair.alice().group->merge_pending());
  EXPECT_TRUE(equal(pair.alice().group->epoch_authenticator(), pair.bob().group->epoch_authenticator()));
}

TEST(Commits, ARemovalAlwaysCarriesAPath) {
  Pair pair;
  TestMember& carol = pair.add(pair.alice(), "carol");
  CommitRequest request;
  request.proposals.push_back({Remove{carol.group->own_leaf()}});
  const auto bundle = pair.alice_commits(std::move(request));
  EXPECT_TRUE(std::get<Commit>(bundle.commit.as<PublicMessage>()->content.content).path.has_value());
}

TEST(Commits, ACommitThatFailsChangesNothing) {
  Pair pair;
  const Epoch before = pair.alice().group->epoch();
  CommitRequest request;
  request.proposals.push_back({Remove{LeafIndex{40}}});
  EXPECT_BREAKS(pair.alice().group->commit(std::move(request), pair.alice().signer, pair.environment),
                remove_target_is_member);
  EXPECT_EQ(pair.alice().group->epoch(), before);
  EXPECT_FALSE(pair.alice().group->has_pending());
  pair.commit(pair.alice(), {.with_path = true});
}

TEST(Commits, WhoseCredentialIsNotAcceptedIsNotAdded) {
  Pair pair;
  TestMember mallory(pair.suite, "mallory");
  pair.validator.refuse(mallory.description.credential, CredentialRole::member);
  CommitRequest request;
  request.proposals.push_back({Add{mallory.bundle().key_package()}});
  EXPECT_BREAKS(pair.alice().group->commit(std::move(request), pair.alice().signer, pair.environment),
                credential_accepted);
}

TEST(Commits, AfterALostRaceOnlyWhatStillMakesSenseIsLeft) {
  Pair pair;
  TestMember& carol = pair.add(pair.alice(), "carol");
  TestMember dave(pair.suite, "dave");
  const auto dave_package = dave.bundle();
  CommitRequest wish;
  wish.proposals.push_back({Remove{carol.group->own_leaf()}});
  wish.proposals.push_back({Add{dave_package.key_package()}});
  ASSERT_TRUE(pair.bob().group->commit(std::move(wish), pair.bob().signer, pair.environment).has_value());
  CommitRequest winner;
  winner.proposals.push_back({Remove{carol.group->own_leaf()}});
  pair.commit(pair.alice(), std::move(winner));
  const auto left = pair.bob().group->take_lost_request();
  ASSERT_TRUE(left.has_value());
  ASSERT_EQ(left->proposals.size(), 1u);
  EXPECT_NE(left->proposals.front().as<Add>(), nullptr);
}

}  // namespace
}  // namespace wardline::mls
