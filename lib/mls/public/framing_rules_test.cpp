// RFC 9420 §6: what breaks one rule of framing.
#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/mls/public/private_message_view.h"
#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

Proposal any_psk(const TestGroup& group) {
  return {PreSharedKey{{ExternalPskId{Bytes(4)}, Bytes(group.suite.hash_size)}}};
}

void with_external_sender(TestGroup& group) {
  TestClient& server = group.client("server");
  group.context.extensions.push_back(
      make_extension(ExternalSenders{{{server.signing.public_key(), server.credential}}}));
}

PublicMessage from_server(TestGroup& group, Content content, std::uint32_t index = 0) {
  return group.sign(group.frame(Sender::external(index), std::move(content)), group.client("server").signing);
}

TEST(Rule_malformed_message, ABrokenOrLongerMessageIsRefused) {
  const TestGroup group = followed_group(1);
  Bytes wire = tls::encode(MlsMessage{group.make_proposal({0}, any_psk(group))});
  EXPECT_KEEPS(decode_message(wire));
  wire.push_back(0);
  EXPECT_BREAKS(decode_message(wire), malformed_message);
  wire.resize(wire.size() - 2);
  EXPECT_BREAKS(decode_message(wire), malformed_message);
}

TEST(Rule_malformed_message, WhatAServerSeesOfAPrivateMessageIsWhatDecodingItGives) {
  const Bytes wire = tls::encode(MlsMessage{PrivateMessage{.group_id = Bytes(16, 7),
                                                           .epoch = 3,
                                                           .content_type = ContentType::application,
                                                           .authenticated_data = Bytes(2, 1),
                                                           .encrypted_sender_data = Bytes(20, 2),
                                                           .ciphertext = Bytes(70, 3)}});
  std::vector<Bytes> inputs{wire, Bytes(), concat(wire, Bytes(1))};
  for (std::size_t at = 0; at < wire.size(); ++at) {
    inputs.emplace_back(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(at));
    for (int bit = 0; bit < 8; ++bit) {
      inputs.push_back(wire);
      inputs.back()[at] = static_cast<std::uint8_t>(inputs.back()[at] ^ 1 << bit);
    }
  }
  for (const Bytes& input : inputs) {
    const auto decoded = tls::decode<MlsMessage>(input);
    const auto* message = decoded ? decoded->as<PrivateMessage>() : nullptr;
    const auto view = view_private_message(input);
    ASSERT_EQ(view.has_value(), message != nullptr) << to_hex(input);
    if (!message) continue;
    EXPECT_EQ(to_bytes(view->group_id), message->group_id);
    EXPECT_EQ(view->epoch, message->epoch);
    EXPECT_EQ(view->content_type, message->content_type);
  }
}

TEST(Rule_malformed_message, AProposalOfUnknownTypeIsRefused) {
  const auto unknown = Bytes{0xF0, 0x01, 0x00};
  EXPECT_BREAKS(decode<Proposal>(unknown), malformed_message);
}

TEST(Rule_message_size, AMessageBeyondTheLimitIsRefused) {
  const TestGroup group = followed_group(1);
  const Bytes wire = tls::encode(MlsMessage{group.make_proposal({0}, any_psk(group))});
  EXPECT_KEEPS(decode_message(wire, {.message_bytes = wire.size()}));
  EXPECT_BREAKS(decode_message(wire, {.message_bytes = wire.size() - 1}), message_size);
}

TEST(Rule_handshake_is_public, AnythingButAPublicMessageIsRefused) {
  TestGroup group = followed_group(1);
  EXPECT_KEEPS(ReceivedMessage::decode(tls::encode(MlsMessage{group.make_proposal({0}, any_psk(group))})));
  EXPECT_BREAKS(ReceivedMessage::decode(tls::encode(MlsMessage{PrivateMessage{}})), handshake_is_public);
}

TEST(Rule_group_id_matches, AMessageOfAnotherGroupIsRefused) {
  const TestGroup group = followed_group(2);
  EXPECT_KEEPS(group.stage(CommitPlan{}));
  EXPECT_BREAKS(group.stage({.content = [](FramedContent& content) { content.group_id.push_back(1); }}),
                group_id_matches);
}

TEST(Rule_epoch_matches, AMessageOfAnotherEpochIsRefused) {
  TestGroup group = followed_group(2);
  const PublicMessage commit = group.make_commit({});
  EXPECT_BREAKS(group.stage({.content = [](FramedContent& content) { ++content.epoch; }}), epoch_matches);
  group.apply(*group.stage_message(commit));
  EXPECT_BREAKS(group.stage_message(commit), epoch_matches);
}

TEST(Rule_application_data_is_private, ApplicationDataInTheClearIsRefused) {
  const TestGroup group = followed_group(1);
  const auto message =
      group.sign(group.frame(Sender::member({0}), ApplicationData{Bytes(3)}), group.key_of({0}));
  EXPECT_BREAKS(group.group->verify(ReceivedMessage(message)), application_data_is_private);
}

TEST(Rule_sender_is_member, ASenderOutsideOfTheTreeOrAtABlankLeafIsRefused) {
  const TestGroup group = followed_group(3);
  for (const std::uint32_t leaf : {3u, 4u, 1u << 31}) {
    const auto message = group.sign(group.frame(Sender::member({leaf}), any_psk(group)), group.key_of({0}));
    EXPECT_BREAKS(group.group->verify(ReceivedMessage(message)), sender_is_member);
  }
}

TEST(Rule_external_sender_known, AnExternalSenderWhoIsNotListedIsRefused) {
  TestGroup group = followed_group(2, with_external_sender);
  EXPECT_KEEPS(group.send(from_server(group, Proposal{Remove{{1}}})));
  EXPECT_BREAKS(group.send(from_server(group, Proposal{Remove{{1}}}, 1)), external_sender_known);
}

TEST(Rule_external_sender_proposes, ACommitOfAnExternalSenderIsRefused) {
  TestGroup group = followed_group(2, with_external_sender);
  EXPECT_BREAKS(group.stage_message(from_server(group, Commit{{by_value(any_psk(group))}, {}})),
                external_sender_proposes);
}

TEST(Rule_external_sender_proposal_type, AnUpdateOfAnExternalSenderIsRefused) {
  TestGroup group = followed_group(2, with_external_sender);
  const LeafNode leaf = group.make_leaf(group.client("member 0"), LeafNodeSource::update, {0});
  EXPECT_BREAKS(group.send(from_server(group, Proposal{Update{leaf}})), external_sender_proposal_type);
  EXPECT_BREAKS(group.send(from_server(group, Proposal{ExternalInit{}})), external_sender_proposal_type);
}

TEST(Rule_new_member_proposes_add, ANewMemberMayProposeItsOwnAdditionOnly) {
  TestGroup group = followed_group(2);
  const TestClient& newcomer = group.client("newcomer");
  const auto propose = [&](Proposal proposal) {
    return group.send(
        group.sign(group.frame(Sender::new_member_proposal(), std::move(proposal)), newcomer.signing));
  };
  EXPECT_KEEPS(propose({Add{group.make_key_package(newcomer)}}));
  EXPECT_BREAKS(propose({Remove{{1}}}), new_member_proposes_add);
}

TEST(Rule_new_member_commits, AnExternalCommitWithoutAPathOrOtherContentIsRefused) {
  TestGroup group = followed_group(2);
  const TestClient& joiner = group.client("joiner");
  EXPECT_BREAKS(
      group.stage({.joiner = &joiner, .proposals = {by_value({ExternalInit{Bytes(32)}})}, .path = false}),
      new_member_commits);
  const auto proposal =
      group.sign(group.frame(Sender::new_member_commit(), Proposal{ExternalInit{Bytes(32)}}), joiner.signing);
  EXPECT_BREAKS(group.send(proposal), new_member_commits);
}

TEST(Rule_external_init_placement, AMemberCannotProposeOrCommitAnExternalInit) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(group.send(group.make_proposal({0}, {ExternalInit{Bytes(32)}})), external_init_placement);
  EXPECT_BREAKS(group.stage({.proposals = {by_value({ExternalInit{Bytes(32)}})}}), external_init_placement);
}

TEST(Rule_content_signature, AMessageThatAnotherSignedOrThatWasChangedIsRefused) {
  TestGroup group = followed_group(2);
  EXPECT_BREAKS(group.send(group.sign(group.frame(Sender::member({1}), any_psk(group)), group.key_of({0}))),
                content_signature);
  EXPECT_BREAKS(
      group.stage({.message = [](PublicMessage& message) { message.content.authenticated_data = Bytes(1); }}),
      content_signature);
}

TEST(Rule_content_signature, AMessageSignedForAnotherStateOfTheGroupIsRefused) {
  TestGroup group = followed_group(2);
  group.context.confirmed_transcript_hash.front() ^= 1;
  EXPECT_BREAKS(group.send(group.make_proposal({0}, any_psk(group))), content_signature);
}

TEST(Rule_confirmation_tag_size, ACommitWithoutAFullTagIsRefused) {
  const TestGroup group = followed_group(2);
  EXPECT_BREAKS(
      group.stage({.message = [](PublicMessage& message) { message.auth.confirmation_tag->pop_back(); }}),
      confirmation_tag_size);
}

TEST(Rule_membership_tag_size, AMembersMessageWithoutAFullTagIsRefused) {
  const TestGroup group = followed_group(2);
  EXPECT_BREAKS(group.stage({.message = [](PublicMessage& message) { message.membership_tag->clear(); }}),
                membership_tag_size);
}

TEST(Rule_group_is_active, NothingIsTakenAfterAReInit) {
  TestGroup group = followed_group(2);
  const ReInit reinit{Bytes(8), ProtocolVersion::mls10, group.suite.id, {}};
  group.apply(*group.stage({.proposals = {by_value({reinit})}, .path = false}));
  EXPECT_EQ(group.group->state().reinit, reinit);
  EXPECT_BREAKS(group.send(group.make_proposal({0}, any_psk(group))), group_is_active);
}

}  // namespace
}  // namespace wardline::mls
