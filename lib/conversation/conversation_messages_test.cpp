#include "lib/conversation/organisation_test.h"

namespace wardline::conversation::testing {
namespace {

class ConversationMessagesTest : public ConversationTest {
 protected:
  ConversationMessagesTest() { begin(); }
  std::string text(const Outcome<ProcessedEntry>& entry) {
    return entry ? std::string(as_text(entry->content.view())) : "<" + entry.error().rule_text() + ">";
  }
};

TEST_F(ConversationMessagesTest, SayWhatWasSaidAndByWhomInTheSignatureAndNotInTheEnvelope) {
  const auto entry = ben_.take(*bens_, ann_.say(*anns_, "Bed 12"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->kind, EntryKind::application);
  EXPECT_EQ(entry->sender, ann_.device);
  EXPECT_EQ(entry->epoch, 1U);
  EXPECT_EQ(text(entry), "Bed 12");
}

TEST_F(ConversationMessagesTest, OfOneSizeAreOfOneLengthWhateverTheySay) {
  const auto length = [&](std::string_view words) { return ann_.say(*anns_, words).size(); };
  EXPECT_EQ(length("No"), length("A much longer answer than no"));
}

TEST_F(ConversationMessagesTest, ThatComeTwiceAreOpenedOnceMls9) {
  const Bytes message = ann_.say(*anns_, "Once");
  EXPECT_EQ(text(ben_.take(*bens_, message)), "Once");
  EXPECT_EQ(code_of(ben_.take(*bens_, message)), Code::keys_gone);
  EXPECT_EQ(text(ben_.take(*bens_, ann_.say(*anns_, "Twice"))), "Twice") << "and nothing is spoilt by it";
}

TEST_F(ConversationMessagesTest, AreReadInWhateverOrderTheyComeMls9) {
  const std::vector messages{ann_.say(*anns_, "1"), ann_.say(*anns_, "2"), ann_.say(*anns_, "3")};
  EXPECT_EQ(text(ben_.take(*bens_, messages[2])), "3");
  EXPECT_EQ(text(ben_.take(*bens_, messages[0])), "1");
  bens_ = ben_.reopen();
  EXPECT_EQ(text(ben_.take(*bens_, messages[1])), "2") << "also after a restart";
}

TEST_F(ConversationMessagesTest, OfAnEpochThatIsOverAreReadForAWhileAndItsHandshakesPassedOverMls14) {
  const Bytes late = ann_.say(*anns_, "On its way");
  const Bytes proposal = tls::encode(organisation_.propose_removal(1, {0}));
  const auto staged = commit({}, {{&ben_, &*bens_}});
  EXPECT_EQ(text(ben_.take(*bens_, late)), "On its way");
  EXPECT_EQ(ben_.take(*bens_, staged.pending.commit)->kind, EntryKind::past_epoch);
  EXPECT_EQ(ben_.take(*bens_, proposal)->kind, EntryKind::past_epoch);
  const Bytes lost = ann_.say(*anns_, "Too late");
  for (int i = 0; i < 20; ++i) commit({}, {{&ben_, &*bens_}});
  EXPECT_EQ(code_of(ben_.take(*bens_, lost)), Code::keys_gone);
}

TEST_F(ConversationMessagesTest, OfAnEpochThatIsNotReachedAskForWhatIsMissing) {
  const auto staged = commit({});
  EXPECT_EQ(code_of(ben_.take(*bens_, ann_.say(*anns_, "Ahead"))), Code::future_epoch);
  EXPECT_EQ(epoch(*bens_), 1U);
  ASSERT_TRUE(ben_.take(*bens_, staged.pending.commit));
}

TEST_F(ConversationMessagesTest, ThatWereChangedAnywhereAreRefusedAndSpoilNothing) {
  const Bytes message = ann_.say(*anns_, "As it was");
  // Behind the version, the wire format and the group's name.
  for (std::size_t at = 21; at < message.size(); at += 7) {
    Bytes forged = message;
    forged[at] ^= 0x10;
    const auto decodable = mls::decode_message(forged);
    if (!decodable) continue;
    EXPECT_FALSE(bens_->process(*decodable, *ben_.context)) << "byte " << at;
  }
  EXPECT_EQ(text(ben_.take(*bens_, message)), "As it was");
}

TEST_F(ConversationMessagesTest, OfAnotherConversationAreRefused) {
  auto other = Conversation::create(ConversationId{8}, {}, sealing_key(), *ann_.context);
  ASSERT_TRUE(other->conversation.merge_pending(*ann_.context));
  const auto message = other->conversation.protect(as_bytes("Elsewhere"), *ann_.context);
  EXPECT_EQ(code_of(ben_.take(*bens_, message->message)), Code::invalid_message);
  EXPECT_EQ(code_of(ben_.take(*bens_, cleo_.package().key_package)), Code::invalid_message)
      << "nor what is no message of any";
}

TEST_F(ConversationMessagesTest, OfThisDeviceComeBackAsItsOwn) {
  EXPECT_EQ(ann_.take(*anns_, ann_.say(*anns_, "Mine"))->kind, EntryKind::own_message);
}

TEST_F(ConversationMessagesTest, AMemberCannotSpeakInTheNameOfAnotherMls6) {
  commit({{cleo_.invite()}, {}}, {{&ben_, &*bens_}});
  const auto staged = bens_->commit({}, *ben_.context);
  ASSERT_TRUE(staged);
  const auto message = decoded(staged->pending.commit);
  auto framed = *message.as<mls::PublicMessage>();
  ASSERT_EQ(framed.content.sender, mls::Sender::member({1}));
  framed.content.sender = mls::Sender::member({2});  // Cleo's leaf.
  EXPECT_EQ(code_of(anns_->process(mls::MlsMessage{framed}, *ann_.context)), Code::invalid_message);
  EXPECT_EQ(epoch(*anns_), 2U);
  EXPECT_EQ(ann_.take(*anns_, staged->pending.commit)->sender, ben_.device);
}

TEST_F(ConversationMessagesTest, ACommitThatBringsAnUnloggedDeviceIsRefusedAsAWholeEnc8) {
  Member ghost(organisation_, 9, Logged::no);
  transparency::MemoryLog honest;
  for (const std::string& entry : organisation_.log.entries) honest.add(*transparency::parse_entry(entry));
  lie_about(ghost);
  ben_.keeper.show(honest);
  const auto staged = commit({{cleo_.invite(), ghost.invite()}, {}});
  const auto refused = ben_.take(*bens_, staged.pending.commit);
  ASSERT_EQ(code_of(refused), Code::unlogged_device);
  EXPECT_EQ(refused.error().unlogged, std::vector{ghost.hash()});
  EXPECT_EQ(bens_->describe(*ben_.context).members, (std::vector{ann_.device, ben_.device}));
  EXPECT_EQ(code_of(ben_.take(*bens_, ann_.say(*anns_, "With the ghost"))), Code::future_epoch);

  honest.add({ghost.device.user_id, ghost.device.device_id, ghost.certificate});
  EXPECT_TRUE(ben_.take(*bens_, staged.pending.commit)) << "the log was only late";
}

}  // namespace
}  // namespace wardline::conversation::testing
