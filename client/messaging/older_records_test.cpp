// Records as earlier versions wrote them: nothing that waits for its answer is lost by an upgrade.
#include "client/messaging/older_records.h"

#include <gtest/gtest.h>

#include "client/messaging/device_state.h"

namespace wardline::client {
namespace {

const PendingCommitRecord kPending{"01a2", {"ann"}, {"ben"}, {{"ann"}, "consult", {"ann"}}};

ConversationRecord conversation() {
  ConversationRecord record;
  record.id = "0a";
  record.members = {{"ann", 1, 1, {}}};
  record.applied = 7;
  record.pending_commit = kPending;
  record.told_log_size = 9;
  return record;
}

TEST(OlderRecords, AConversationReadsAsItWasWrittenInEveryForm) {
  const auto now = decode_record<ConversationRecord>(encode_record(conversation()));
  ASSERT_TRUE(now);
  EXPECT_EQ(now->pending_commit->answers.reason, "consult");
  EXPECT_EQ(now->told_log_size, 9U);

  for (const bool waits : {true, false}) {
    ConversationRecordBeforeAnswers before;
    static_cast<ConversationRecord&>(before) = conversation();
    if (waits) before.pending_then.emplace(PendingCommitRecordBeforeAnswers{kPending});
    const auto read = decode_record<ConversationRecord>(encode_record(before));
    ASSERT_TRUE(read) << waits;
    EXPECT_EQ(read->pending_commit.has_value(), waits);
    if (waits) EXPECT_EQ(read->pending_commit->user_ids_added, kPending.user_ids_added);
    if (waits)
      EXPECT_TRUE(read->pending_commit->answers.cross_service.empty()) << "nothing was answered then";
    EXPECT_EQ(read->applied, 7U);
    EXPECT_EQ(read->told_log_size, 9U);

    ConversationRecordBeforeDeviceLog first;
    static_cast<ConversationRecordBeforeAnswers&>(first) = before;
    const auto oldest = decode_record<ConversationRecord>(encode_record(first));
    ASSERT_TRUE(oldest) << waits;
    EXPECT_EQ(oldest->pending_commit.has_value(), waits);
    EXPECT_EQ(oldest->applied, 7U);
    EXPECT_EQ(oldest->told_log_size, 0U);
  }
}

TEST(OlderRecords, ABeginningThatWaitsForItsAnswerReadsAsItWasWritten) {
  CreationRecordBeforeAnswers before;
  before.bundle.conversation_id = "0a";
  before.bundle.user_ids = {"ann"};
  before.bundle.commit = Bytes(3, 1);
  before.bundle.answers.cross_service = {"ann"};
  const auto read = decode_record<CreationRecord>(encode_record(before));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bundle.commit, Bytes(3, 1));
  EXPECT_TRUE(read->bundle.answers.cross_service.empty());
  const auto now = decode_record<CreationRecord>(encode_record(static_cast<const CreationRecord&>(before)));
  ASSERT_TRUE(now);
  EXPECT_EQ(now->bundle.answers.cross_service, std::vector<std::string>{"ann"});
}

}  // namespace
}  // namespace wardline::client
