// IAM-9: a removal that the server proposed stays until a commit has carried it out, whatever commits come
// first.
#include "server/delivery/ward_test.h"

namespace wardline::delivery {
namespace {

class RemovalsTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    ward.emplace(GetParam());
    a.emplace(ward->new_device());
    b.emplace(ward->new_device());
    lost.emplace(ward->new_device());
    conversation = ward->begin(*a, {&*b, &*lost}, ConversationKind::group);
    ASSERT_TRUE(
        ward->database
            ->write([&](storage::Transaction& tx) { return ward->removals->remove_device(tx, lost->device); })
            .has_value());
  }

  std::string send(TestDevice& device, std::string_view text) {
    const auto sent = ward->send(ward->message(device, conversation, text));
    return sent ? "accepted" : std::string(sent.error().code);
  }
  /// Applies the log, commits what waits in it, and says whether the revoked device is out.
  bool carries_out(TestDevice& device, std::int64_t after) {
    ward->catch_up(device, conversation, after);
    const auto committed = ward->handshakes->commit(device.subject(), ward->commit(device, conversation, {}));
    EXPECT_TRUE(committed.has_value()) << committed.error().code;
    EXPECT_TRUE(device.group(conversation).merge_pending().has_value());
    return device.group(conversation).tree().member_count() == 2U;
  }

  std::optional<Ward> ward;
  std::optional<TestDevice> a, b, lost;
  core::ConversationId conversation;
};
WARDLINE_ON_EACH_ENGINE(RemovalsTest);

TEST_P(RemovalsTest, AnExternalCommitDoesNotShakeItOff) {
  const auto joined = ward->join_anew(*b, conversation);  // 3: after the first commit and the proposal.
  ASSERT_TRUE(joined.has_value()) << joined.error().code;
  EXPECT_EQ(send(*b, "too early"), "epoch-closing");
  EXPECT_TRUE(carries_out(*b, joined->sequence));
  EXPECT_EQ(send(*b, "among us"), "accepted");
}

TEST_P(RemovalsTest, ACommitThatLeavesItOutOnlyDelaysIt) {
  // `a` has not seen the proposal: an honest member that was slow, or one that does as if.
  const auto renewed =
      ward->handshakes->commit(a->subject(), ward->commit(*a, conversation, {.with_path = true}));
  ASSERT_TRUE(renewed.has_value()) << renewed.error().code;
  EXPECT_EQ(send(*a, "too early"), "stale-epoch");
  ward->catch_up(*b, conversation, 1);
  EXPECT_TRUE(ward->conversations->read_for_device(conversation, lost->device, 0, 10)->empty());
  const auto committed = ward->handshakes->commit(b->subject(), ward->commit(*b, conversation, {}));
  ASSERT_TRUE(committed.has_value()) << committed.error().code;
  ward->catch_up(*b, conversation, committed->sequence - 1);
  EXPECT_EQ(b->group(conversation).tree().member_count(), 2U);
  EXPECT_EQ(send(*b, "among us"), "accepted");
}

TEST_P(RemovalsTest, TheProposalOutlivesARestart) {
  ward->restart();
  EXPECT_EQ(send(*a, "too early"), "epoch-closing");
  EXPECT_TRUE(carries_out(*a, 1));
}

}  // namespace
}  // namespace wardline::delivery
