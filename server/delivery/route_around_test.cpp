// A commit whose public half is right and whose secret half is not: the server cannot see it, no member can
// process it (LESSONS 2). It is reported, and the group goes on without the one who sent it.
#include "lib/mls/public/labels.h"
#include "server/delivery/ward_test.h"

namespace wardline::delivery {
namespace {

class RouteAround : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) ward.emplace(GetParam());
  }

  /// What a hostile client sends: a commit and a GroupInfo that agree with each other, on a tag that no
  /// member computes.
  SendCommit jam(TestDevice& device, core::ConversationId conversation) {
    SendCommit commit = ward->commit(device, conversation, {.with_path = true});
    auto message = *tls::decode<mls::MlsMessage>(commit.commit);
    auto& content = std::get<mls::PublicMessage>(message.value);
    content.auth.confirmation_tag->front() ^= 1;
    commit.commit = tls::encode(message);
    auto envelope = *tls::decode<mls::MlsMessage>(commit.group_info);
    auto& info = std::get<mls::GroupInfo>(envelope.value);
    info.confirmation_tag = *content.auth.confirmation_tag;
    info.signature = *mls::sign_with_label(device.signer, mls::kGroupInfoLabel, info.to_be_signed());
    commit.group_info = tls::encode(envelope);
    return commit;
  }

  /// Whether the device's group follows the entry of this sequence.
  bool follows(TestDevice& device, core::ConversationId conversation, std::int64_t sequence) {
    const auto page = *ward->conversations->read_for_device(conversation, device.device, sequence - 1, 1);
    const auto message = tls::decode<mls::MlsMessage>(page.front()->body);
    const mls::Validation validation = ward->client_validation();
    return device.group(conversation).receive(*message, {validation}).has_value();
  }

  std::optional<Ward> ward;
};
WARDLINE_ON_EACH_ENGINE(RouteAround);

TEST_P(RouteAround, WhoCannotProcessACommitReportsItJoinsAnewAndTheGroupGoesOn) {
  auto hostile = ward->new_device();
  auto b = ward->new_device();
  auto c = ward->new_device();
  const auto conversation = ward->begin(hostile, {&b, &c}, ConversationKind::group);
  const auto jammed = ward->handshakes->commit(hostile.subject(), jam(hostile, conversation));
  ASSERT_TRUE(jammed.has_value()) << jammed.error().code;
  ASSERT_FALSE(follows(b, conversation, jammed->sequence));
  ASSERT_FALSE(follows(c, conversation, jammed->sequence));

  ASSERT_TRUE(ward->handshakes->report(b.subject(), conversation, jammed->sequence).has_value());
  EXPECT_EQ(ward->audit_entries("delivery.report", "done"), 1);
  const auto first = ward->join_anew(b, conversation);
  ASSERT_TRUE(first.has_value()) << first.error().code;
  const auto second = ward->join_anew(c, conversation);
  ASSERT_TRUE(second.has_value()) << second.error().code;
  ward->catch_up(b, conversation, first->sequence);

  const auto sent = ward->send(ward->message(c, conversation, "we can hear each other"));
  ASSERT_TRUE(sent.has_value()) << sent.error().code;
  EXPECT_EQ(ward->catch_up(b, conversation, sent->sequence - 1),
            std::vector<std::string>{"we can hear each other"});
  EXPECT_FALSE(follows(hostile, conversation, first->sequence)) << "it has shut itself out";
}

TEST_P(RouteAround, TheOneWhoJammedTheGroupCanBeRemovedByTheOthers) {
  auto hostile = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(hostile, {&b}, ConversationKind::group);
  ASSERT_TRUE(ward->handshakes->commit(hostile.subject(), jam(hostile, conversation)).has_value());
  ASSERT_TRUE(ward->join_anew(b, conversation).has_value());

  auto removal = ward->commit(
      b, conversation, {.proposals = {mls::Proposal{mls::Remove{hostile.group(conversation).own_leaf()}}}});
  removal.users_removed = {hostile.user};
  EXPECT_TRUE(ward->handshakes->commit(b.subject(), removal).has_value());
  EXPECT_EQ(ward->handshakes->join_information(hostile.subject(), conversation).error().code,
            "conversation-not-found");
}

TEST_P(RouteAround, OnlyMembersReportAndOnlyWhatIsThere) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  auto outsider = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  EXPECT_EQ(ward->handshakes->report(b.subject(), conversation, 1000).error().code, "entry-not-found");
  EXPECT_EQ(ward->handshakes->report(outsider.subject(), conversation, 1).error().code,
            "conversation-not-found");
  EXPECT_EQ(ward->audit_entries("delivery.report", "done"), 0);
}

}  // namespace
}  // namespace wardline::delivery
