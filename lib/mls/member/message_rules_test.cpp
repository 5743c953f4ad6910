// The rules of lib/mls/public/rules.h that need group secrets to check: messages of a group. Each test breaks
// one.
#include <gtest/gtest.h>

#include "lib/crypto/aead.h"
#include "lib/mls/member/member_state_storage.h"
#include "lib/mls/member/sender_data.h"
#include "lib/mls/member/test_member.h"

namespace wardline::mls {
namespace {

/// Alice and Bob.
struct Pair : TestWorld {
  Pair() { alice_messages_private({}); }
  explicit Pair(GroupConfig config) { alice_messages_private(config); }
  void alice_messages_private(GroupConfig config) {
    create("alice", config);
    add(*members[0], "bob");
  }
  TestMember& alice() { return *members[0]; }
  TestMember& bob() { return *members[1]; }
  MlsMessage from_alice(std::string_view text) {
    return alice().group->protect(as_bytes(text), {}, alice().signer).value();
  }
  Result<Event> to_bob(const MlsMessage& message) { return bob().group->receive(message, environment); }
};

/// A two-leaf epoch of our own making, for messages that no honest member would send.
struct Forge {
  const Suite& suite = *crypto::find_suite(CipherSuite::x25519_aes128gcm_sha256_ed25519);
  SecretBytes sender_data_secret{Bytes(32, 3)};
  SecretTree tree() const { return {suite, SecretBytes(Bytes(32, 9)), 2}; }

  PrivateMessage seal(const SecretBytes& plain, ByteView sender_data) const {
    SecretTree keys = tree();
    const auto key = keys.next({1}, RatchetKind::application);
    PrivateMessage message{Bytes{1}, 5, ContentType::application, {}, {}, {}};
    tls::Writer aad;
    tls::write(aad, message.group_id);
    tls::write(aad, message.epoch);
    tls::write(aad, message.content_type);
    const Bytes sender_aad = aad.bytes();
    aad.opaque({});
    message.ciphertext =
        crypto::aead_seal(suite.aead, key->key.view(), key->nonce.view(), aad.bytes(), plain.view()).value();
    const auto sender_key = derive_sender_data_key(suite, sender_data_secret.view(), message.ciphertext);
    message.encrypted_sender_data =
        crypto::aead_seal(suite.aead, sender_key.key.view(), sender_key.nonce.view(), sender_aad, sender_data)
            .value();
    return message;
  }
  Result<OpenedMessage> open(const PrivateMessage& message) const {
    SecretTree keys = tree();
    return unprotect_private(suite, message, keys, sender_data_secret.view(), {0}, {});
  }
  /// Leaf 1, generation 0, no reuse guard.
  static Bytes sender_data() { return {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}; }
};

TEST(Rule_membership_tag, AMessageWithoutTheGroupsSecretIsRefused) {
  Pair group;
  auto message = group.alice().group->propose_update({}, group.alice().signer, group.environment).value();
  std::get<PublicMessage>(message.value).membership_tag->front() ^= 1;
  EXPECT_BREAKS(group.to_bob(message), membership_tag);
  EXPECT_TRUE(group.bob().group->proposals().empty());
}

TEST(Rule_sender_data_decryption, AlteredSenderDataIsRefused) {
  Pair group;
  auto message = group.from_alice("hello");
  std::get<PrivateMessage>(message.value).encrypted_sender_data.front() ^= 1;
  EXPECT_BREAKS(group.to_bob(message), sender_data_decryption);
}

TEST(Rule_content_decryption, AlteredContentOrAuthenticatedDataIsRefusedAndTheGenuineMessageStillOpens) {
  Pair group;
  const auto genuine = group.from_alice("hello");
  auto message = genuine;
  std::get<PrivateMessage>(message.value).ciphertext.back() ^= 1;
  EXPECT_BREAKS(group.to_bob(message), content_decryption);
  message = genuine;
  std::get<PrivateMessage>(message.value).authenticated_data.push_back(0);
  EXPECT_BREAKS(group.to_bob(message), content_decryption);
  EXPECT_KEEPS(group.to_bob(genuine));
}

TEST(Rule_private_content_decodes, SealedGarbageIsRefused) {
  const Forge forge;
  EXPECT_BREAKS(forge.open(forge.seal(SecretBytes(Bytes{0x3f}), Forge::sender_data())),
                private_content_decodes);
}

TEST(Rule_padding_is_zero, PaddingThatCarriesDataIsRefused) {
  const Forge forge;
  // Application data "x", a signature of one byte, then padding.
  EXPECT_BREAKS(forge.open(forge.seal(SecretBytes(Bytes{1, 'x', 1, 9, 0, 7}), Forge::sender_data())),
                padding_is_zero);
  EXPECT_KEEPS(forge.open(forge.seal(SecretBytes(Bytes{1, 'x', 1, 9, 0, 0}), Forge::sender_data())));
}

TEST(Rule_sender_leaf_in_tree, SenderDataThatNamesALeafOutsideOfTheTreeIsRefused) {
  const Forge forge;
  Bytes sender = Forge::sender_data();
  sender[3] = 2;
  EXPECT_BREAKS(forge.open(forge.seal(SecretBytes(Bytes{1, 'x', 1, 9}), sender)), sender_leaf_in_tree);
}

TEST(Rule_generation_unused, AMessageOpensOnce) {
  Pair group;
  const auto message = group.from_alice("hello");
  EXPECT_KEEPS(group.to_bob(message));
  EXPECT_BREAKS(group.to_bob(message), generation_unused);
}

TEST(Rule_generation_in_reach, AMessageFarAheadIsRefusedWithoutWork) {
  const Forge forge;
  Bytes sender = Forge::sender_data();
  std::fill(sender.begin() + 4, sender.begin() + 8, 0xff);
  EXPECT_BREAKS(forge.open(forge.seal(SecretBytes(Bytes{1, 'x', 1, 9}), sender)), generation_in_reach);
}

TEST(Rule_generation_left, ARatchetThatIsUsedUpSendsNothing) {
  const Forge forge;
  tls::Writer stored;
  stored.uint(1, 4);  // One leaf,
  stored.vector([](tls::Writer&) {});
  stored.vector([](tls::Writer& leaf) {
    leaf.uint(0, 4);
    for (int ratchet = 0; ratchet < 2; ++ratchet) {
      leaf.opaque({});  // both of its ratchets without a secret.
      leaf.uint(0, 4);
      leaf.vector([](tls::Writer&) {});
    }
  });
  SecretTree keys(forge.suite);
  tls::Reader in(stored.bytes());
  tls::read(in, keys);
  ASSERT_TRUE(in.ok());
  AuthenticatedContent content{WireFormat::private_message, {}, {}};
  EXPECT_BREAKS(protect_private(forge.suite, content, keys, forge.sender_data_secret.view(), {}),
                generation_left);
}

TEST(Rule_private_message_group, AMessageOfAnotherGroupIsRefused) {
  Pair group;
  auto message = group.from_alice("hello");
  std::get<PrivateMessage>(message.value).group_id.push_back(1);
  EXPECT_BREAKS(group.to_bob(message), private_message_group);
}

TEST(Rule_epoch_kept, LateMessagesOpenForAsManyEpochsAsAreKept) {
  Pair group;
  const auto oldest = group.from_alice("oldest");
  group.commit(group.alice(), {.with_path = true});
  const auto old = group.from_alice("old");
  for (std::uint32_t i = 0; i < GroupConfig{}.kept_epochs; ++i)
    group.commit(group.bob(), {.with_path = true});
  EXPECT_BREAKS(group.to_bob(oldest), epoch_kept);
  EXPECT_KEEPS(group.to_bob(old));
  EXPECT_BREAKS(group.to_bob(old), generation_unused);
}

TEST(Rule_epoch_kept, HandshakeMessagesOfAPastEpochAreRefused) {
  GroupConfig config;
  config.handshake = WireFormat::private_message;
  Pair group(config);
  const auto late = group.alice().group->propose_update({}, group.alice().signer, group.environment).value();
  group.bob();
  group.commit(group.alice(), {.with_cached = false, .with_path = true});
  EXPECT_BREAKS(group.to_bob(late), epoch_kept);
}

TEST(Rule_committed_before_application, NothingIsSentWhileARemovalWaits) {
  Pair group;
  TestMember& carol = group.add(group.alice(), "carol");
  const auto removal =
      group.bob()
          .group->propose({Remove{carol.group->own_leaf()}}, group.bob().signer, group.environment)
          .value();
  group.deliver(removal, &group.bob());
  EXPECT_BREAKS(group.alice().group->protect(as_bytes("x"), {}, group.alice().signer),
                committed_before_application);
  group.commit(group.alice());
  EXPECT_FALSE(carol.group->is_active());
  EXPECT_KEEPS(group.to_bob(group.from_alice("carol cannot read this")));
}

TEST(Rule_own_message, AnEchoOfAnApplicationMessageIsToldFromAReplay) {
  Pair group;
  const auto message = group.from_alice("hello");
  EXPECT_BREAKS(group.alice().group->receive(message, group.environment), own_message);
}

TEST(Rule_own_commit_pending, ACommitOfOurOwnIsNotProcessedFromTheWire) {
  Pair group;
  const auto bundle =
      group.alice().group->commit({.with_path = true}, group.alice().signer, group.environment).value();
  EXPECT_TRUE(std::holds_alternative<OwnCommitAccepted>(
      group.alice().group->receive(bundle.commit, group.environment).value()));
  group.alice().group->discard_pending();
  EXPECT_BREAKS(group.alice().group->receive(bundle.commit, group.environment), own_commit_pending);
}

TEST(Rule_message_for_group, AWelcomeIsNoMessageOfTheGroup) {
  Pair group;
  EXPECT_BREAKS(group.to_bob({Welcome{}}), message_for_group);
}

TEST(Rule_exporter_length, MoreThanTheKdfGivesIsNotExported) {
  Pair group;
  EXPECT_BREAKS(group.alice().group->export_secret("x", {}, 255 * 32 + 1), exporter_length);
  EXPECT_EQ(group.alice().group->export_secret("x", {}, 255 * 32)->size(), 255u * 32);
}

TEST(PrivateMessages, PaddingHidesTheLengthOfTheText) {
  Pair group;
  const auto size_of = [&](std::string_view text) {
    return std::get<PrivateMessage>(group.from_alice(text).value).ciphertext.size();
  };
  EXPECT_EQ(size_of("yes"), size_of("not at all"));
  EXPECT_EQ((size_of("yes") - crypto::kTagSize) % Padding{}.block, 0u);
}

TEST(PrivateMessages, AMessageTellsWhoSentItAndWhen) {
  Pair group;
  const auto message =
      group.alice().group->protect(as_bytes("hello"), as_bytes("shown"), group.alice().signer).value();
  const auto event = group.to_bob(message).value();
  const auto& opened = std::get<ApplicationMessage>(event);
  EXPECT_EQ(opened.sender, group.alice().group->own_leaf());
  EXPECT_EQ(opened.sender_leaf.credential, group.alice().description.credential);
  EXPECT_EQ(opened.epoch, group.alice().group->epoch());
  EXPECT_EQ(as_text(opened.authenticated_data), "shown");
}

TEST(PrivateMessages, ALateMessageShowsItsSenderAsHeWasThen) {
  Pair group;
  TestMember& carol = group.add(group.alice(), "carol");
  const auto message = carol.group->protect(as_bytes("last words"), {}, carol.signer).value();
  const LeafIndex leaf = carol.group->own_leaf();
  CommitRequest request;
  request.proposals.push_back({Remove{leaf}});
  group.commit(group.alice(), std::move(request));
  // Somebody else takes the leaf, and the group is stored and loaded.
  group.add(group.alice(), "dave");
  const SealingKey key = SealingKey::generate();
  auto bob = Group::load(key, group.bob().group->serialize(key).value()).value();
  const auto event = bob.receive(message, group.environment).value();
  EXPECT_EQ(std::get<ApplicationMessage>(event).sender_leaf.credential, carol.description.credential);
}

TEST(PrivateMessages, NoLeafOfAPastEpochIsReadThatNoTreeCouldHave) {
  Pair group;
  const PublicState& now = group.bob().group->public_state();
  const auto read = [&](std::uint32_t index) {
    tls::Writer out;
    tls::write(out, now.context);
    tls::write(out, now.confirmation_tag);
    out.vector([&](tls::Writer& leaves) {
      tls::write(leaves, LeafIndex{index});
      leaves.uint(0, 1);
    });
    tls::Reader in(out.bytes());
    return read_past_state(in, now);
  };
  EXPECT_KEEPS(read(Limits{}.leaves - 1));
  EXPECT_BREAKS(read(Limits{}.leaves), sealed_state_opens);
}

}  // namespace
}  // namespace wardline::mls
