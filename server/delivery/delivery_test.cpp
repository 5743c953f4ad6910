// The invariants of DESIGN §2, each attacked, with real MLS members on both engines.
#include <thread>

#include "server/delivery/ward_test.h"

namespace wardline::delivery {
namespace {

class Delivery : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) ward.emplace(GetParam());
  }
  std::optional<Ward> ward;
};
WARDLINE_ON_EACH_ENGINE(Delivery);

std::string code_of(const auto& result) { return result ? "accepted" : std::string(result.error().code); }

TEST_P(Delivery, TwoPeopleExchangeMessagesThatTheServerCannotRead) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const auto sent = ward->send(ward->message(a, conversation, "Potassium 6.8, repeated"));
  ASSERT_TRUE(sent.has_value()) << sent.error().detail;
  EXPECT_EQ(sent->sequence, 2);  // The commit that made the group is entry 1.
  EXPECT_EQ(ward->catch_up(b, conversation, 1), std::vector<std::string>{"Potassium 6.8, repeated"});
  EXPECT_TRUE(ward->send(ward->message(b, conversation, "Seeing her now")).has_value());
  EXPECT_EQ(ward->catch_up(a, conversation, 1), std::vector<std::string>{"Seeing her now"});
  EXPECT_EQ(ward->audit_entries("message.send", "done"), 2);
  EXPECT_EQ(ward->audit_entries("conversation.create", "done"), 1);
}

TEST_P(Delivery, ARetryIsAnsweredWithTheSameSequenceNumberAlsoAfterARestart) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const SendRequest request = ward->message(a, conversation, "once");
  const auto first = ward->send(request);
  const auto again = ward->send(request);
  ward->restart();
  const auto after_restart = ward->send(request);
  ASSERT_TRUE(first && again && after_restart);
  EXPECT_EQ(again->sequence, first->sequence);
  EXPECT_EQ(after_restart->sequence, first->sequence);
  EXPECT_EQ(ward->conversations->find(a.subject(), conversation)->last_sequence, first->sequence);
  EXPECT_EQ(ward->audit_entries("message.send", "done"), 1);
}

TEST_P(Delivery, AnIdThatWasUsedForSomethingElseIsRefusedAndNothingIsTakenForStored) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const auto elsewhere = ward->begin(a, {&b});
  const SendRequest first = ward->message(a, conversation, "first");
  ASSERT_TRUE(ward->send(first).has_value());
  SendRequest other_words = ward->message(a, conversation, "other words");
  SendRequest other_place = ward->message(a, elsewhere, "first");
  other_words.idempotency = other_place.idempotency = first.idempotency;
  EXPECT_EQ(ward->send(other_words).error().code, "idempotency-reused");
  EXPECT_EQ(ward->send(other_place).error().code, "idempotency-reused");
  EXPECT_EQ(ward->catch_up(b, conversation, 1), std::vector<std::string>{"first"});
}

// One batch, as the committer would write it.
std::vector<core::Result<Sent>> append(Ward& ward, AppendMemory& memory,
                                       const std::vector<std::pair<TestDevice*, SendRequest>>& requests) {
  std::vector<AppendItem> items;
  for (const auto& [device, request] : requests) {
    auto entry = std::make_shared<LogEntry>();
    entry->conversation = request.conversation;
    entry->kind = EntryKind::message;
    entry->sender = EntrySender{device->user, device->device};
    entry->epoch = request.epoch;
    entry->idempotency = request.idempotency;
    entry->body = request.message;
    items.push_back({device->subject(), std::move(entry)});
  }
  const auto outcomes =
      ward.database->write([&](storage::Transaction& tx) -> core::Result<std::vector<core::Result<Sent>>> {
        return AppendBatch(*ward.parts, memory, tx, items).run();
      });
  if (!outcomes) {
    return std::vector<core::Result<Sent>>(requests.size(), std::unexpected(outcomes.error()));
  }
  return *outcomes;
}

TEST_P(Delivery, TheSameMessageTwiceInOneBatchIsStoredOnce) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const SendRequest request = ward->message(a, conversation, "twin");
  AppendMemory memory;
  const auto outcomes = append(*ward, memory, {{&a, request}, {&a, request}});
  ASSERT_TRUE(outcomes[0] && outcomes[1]);
  EXPECT_EQ(outcomes[0]->sequence, outcomes[1]->sequence);
  EXPECT_EQ(ward->conversations->find(a.subject(), conversation)->last_sequence, 2);
}

// MSG-2: a batch takes its messages for new ones; the index knows better, and the next try looks first.
TEST_P(Delivery, ARetryAmongNewMessagesIsAnsweredAndTheOthersAreStored) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const SendRequest old = ward->message(a, conversation, "old");
  const SendRequest next = ward->message(b, conversation, "new");
  AppendMemory memory;
  const auto stored = append(*ward, memory, {{&a, old}});
  ASSERT_TRUE(stored[0]);
  auto outcomes = append(*ward, memory, {{&a, old}, {&b, next}});
  if (ward->database->engine() == storage::Engine::sqlite) {  // PostgreSQL's is run again by itself.
    EXPECT_EQ(code_of(outcomes[1]), "already-exists");
    outcomes = append(*ward, memory, {{&a, old}, {&b, next}});
  }
  ASSERT_TRUE(outcomes[0] && outcomes[1]);
  EXPECT_EQ(outcomes[0]->sequence, stored[0]->sequence);
  EXPECT_EQ(outcomes[1]->sequence, stored[0]->sequence + 1);
}

// MSG-2: the answer was lost, and the conversation has moved on before the message is sent again.
TEST_P(Delivery, ARetryOfAnEpochThatHasPassedIsAnsweredWithWhatItWasStoredAs) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const SendRequest before = ward->message(a, conversation, "before");
  AppendMemory memory;
  const auto stored = append(*ward, memory, {{&a, before}});
  ASSERT_TRUE(stored[0]);
  ASSERT_TRUE(ward->handshakes->commit(b.subject(), ward->commit(b, conversation, {.with_path = true})));
  ward->catch_up(a, conversation, 2);
  const SendRequest after = ward->message(a, conversation, "after");
  const auto outcomes = append(*ward, memory, {{&a, before}, {&a, after}});
  ASSERT_TRUE(outcomes[0] && outcomes[1]);
  EXPECT_EQ(outcomes[0]->sequence, stored[0]->sequence);
  EXPECT_EQ(outcomes[1]->sequence, stored[0]->sequence + 2);
}

// Another node has written since, with and without a change of members: what is remembered is only a guess.
TEST_P(Delivery, WhatIsRememberedOfAConversationGivesWayToWhatIsStored) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  AppendMemory here;
  AppendMemory there;
  for (std::int64_t sequence = 2; sequence < 8; sequence += 2) {
    const auto ours = append(*ward, here, {{&a, ward->message(a, conversation, "here")}});
    const auto theirs = append(*ward, there, {{&b, ward->message(b, conversation, "there")}});
    ASSERT_TRUE(ours[0] && theirs[0]);
    EXPECT_EQ(ours[0]->sequence, sequence);
    EXPECT_EQ(theirs[0]->sequence, sequence + 1);
  }
}

TEST_P(Delivery, ManySendersAtOnceGetNumbersWithoutGapsAndInOneOrder) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const std::vector<core::ConversationId> conversations = {ward->begin(a, {&b}), ward->begin(a, {&b})};
  constexpr int kEach = 60;
  std::vector<SendRequest> requests;
  for (int i = 0; i < kEach; ++i) {
    for (const auto& conversation : conversations) {
      requests.push_back(ward->message(a, conversation, "a" + std::to_string(i)));
      requests.push_back(ward->message(b, conversation, "b" + std::to_string(i)));
    }
  }
  std::vector<std::thread> threads;
  std::atomic<int> accepted = 0;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < requests.size(); i += 4)
        accepted += ward->send(requests[i]).has_value() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, std::ssize(requests));
  for (const auto& conversation : conversations) {
    EXPECT_EQ(ward->catch_up(b, conversation, 1).size(), static_cast<std::size_t>(kEach));
    EXPECT_EQ(ward->conversations->find(b.subject(), conversation)->last_sequence, 1 + 2 * kEach);
  }
}

TEST_P(Delivery, OnlyOneOfTwoCommitsOfAnEpochIsAcceptedAndTheLoserIsToldWhere) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b}, ConversationKind::group);
  const SendCommit by_a = ward->commit(a, conversation, {.with_path = true});
  const SendCommit by_b = ward->commit(b, conversation, {.with_path = true});
  std::vector<core::Result<Committed>> results(2);
  std::thread other([&] { results[1] = ward->handshakes->commit(b.subject(), by_b); });
  results[0] = ward->handshakes->commit(a.subject(), by_a);
  other.join();
  EXPECT_NE(results[0].has_value(), results[1].has_value());
  const auto& lost = results[0] ? results[1] : results[0];
  EXPECT_EQ(code_of(lost), "epoch-taken");
  EXPECT_EQ(lost.error().facts.front(), (std::pair<std::string_view, std::int64_t>("current_epoch", 2)));

  // Both apply the log; the loser's pending commit gives way, and both can go on.
  ward->catch_up(a, conversation, 1);
  ward->catch_up(b, conversation, 1);
  EXPECT_TRUE(ward->send(ward->message(a, conversation, "after")).has_value());
  EXPECT_EQ(ward->catch_up(b, conversation, 2), std::vector<std::string>{"after"});
}

TEST_P(Delivery, AMessageOfAnOldEpochIsRefusedWithTheCurrentOne) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const SendRequest old = ward->message(b, conversation, "too late");
  ASSERT_TRUE(
      ward->handshakes->commit(a.subject(), ward->commit(a, conversation, {.with_path = true})).has_value());
  const auto refused = ward->send(old);
  EXPECT_EQ(code_of(refused), "stale-epoch");
  EXPECT_EQ(refused.error().facts.front().second, 2);
}

TEST_P(Delivery, OutsidersCannotReadSendOrLearnThatAConversationExists) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  auto outsider = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  SendRequest forged = ward->message(a, conversation, "mine");
  forged.subject = outsider.subject();
  EXPECT_EQ(code_of(ward->send(forged)), "conversation-not-found");
  EXPECT_EQ(code_of(ward->conversations->find(outsider.subject(), conversation)), "conversation-not-found");
  EXPECT_EQ(code_of(ward->conversations->read_log(outsider.subject(), conversation, 0, 10)),
            "conversation-not-found");
  EXPECT_EQ(code_of(ward->handshakes->join_information(outsider.subject(), conversation)),
            "conversation-not-found");
  EXPECT_EQ(code_of(ward->receipt(outsider, conversation, {1, 0, 0})), "conversation-not-found");
  for (const char* action : {"message.send", "conversation.read", "receipt.send"})
    EXPECT_GE(ward->audit_entries(action, "denied"), 1) << action << ": AUD-1, who tried is on record";
  const auto nowhere = ward->conversations->find(outsider.subject(), core::new_id<core::ConversationId>());
  EXPECT_EQ(code_of(nowhere), "conversation-not-found");
}

TEST_P(Delivery, OtherThingsThanAnEncryptedMessageOfThisGroupAreRefused) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const auto elsewhere = ward->begin(a, {&b});
  SendRequest request = ward->message(a, elsewhere, "for the other one");
  request.conversation = conversation;
  EXPECT_EQ(code_of(ward->send(request)), "malformed-message");
  request.message = to_bytes(as_bytes("plain text"));
  EXPECT_EQ(code_of(ward->send(request)), "malformed-message");
  request.message = ward->commit(a, conversation, {.with_path = true}).commit;
  EXPECT_EQ(code_of(ward->send(request)), "malformed-message");
}

TEST_P(Delivery, ADeviceOfSomebodyWhoDoesNotBelongIsNotAdmittedAndTheAttemptIsAudited) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  auto stranger = ward->new_device();
  const auto conversation = ward->begin(a, {&b}, ConversationKind::group);
  SendCommit commit = ward->commit(a, conversation, {.proposals = {ward->add_of(stranger)}});
  EXPECT_EQ(code_of(ward->handshakes->commit(a.subject(), commit)), "not-admitted");
  EXPECT_EQ(ward->audit_entries("commit.send", "failed"), 1);
  commit.users_added = {stranger.user};  // Said openly, and policy has nothing against it.
  commit.answers = Ward::confirming({stranger.user});
  EXPECT_EQ(code_of(ward->handshakes->commit(a.subject(), commit)), "accepted");
}

TEST_P(Delivery, AnUnconfirmedContactIsNotAdded) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  ward->people.people[b.user].confirmed = false;
  ward->publish(b, 1);
  const auto conversation = core::new_id<core::ConversationId>();
  const auto request = ward->creation_request(a, conversation, {&b}, ConversationKind::direct);
  EXPECT_EQ(code_of(ward->creation->create(a.subject(), request)), "recipients-unconfirmed");
  ward->people.people[b.user].confirmed = true;
  EXPECT_EQ(code_of(ward->creation->create(a.subject(), request)), "accepted");
  EXPECT_EQ(code_of(ward->creation->create(a.subject(), request)), "accepted");  // A retry.
  EXPECT_EQ(code_of(ward->creation->create(b.subject(), request)), "conversation-exists");
}

TEST_P(Delivery, NobodyIsRemovedWithoutRight) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  auto c = ward->new_device();
  const auto conversation = ward->begin(a, {&b, &c}, ConversationKind::group);
  const mls::Proposal remove{mls::Remove{c.group(conversation).own_leaf()}};
  SendCommit commit = ward->commit(b, conversation, {.proposals = {remove}});
  EXPECT_EQ(code_of(ward->handshakes->commit(b.subject(), commit)), "removal-not-allowed");
  commit.users_removed = {c.user};
  EXPECT_EQ(code_of(ward->handshakes->commit(b.subject(), commit)), "accepted");
  ward->catch_up(a, conversation, 1);
  ward->catch_up(c, conversation, 1);
  EXPECT_FALSE(c.group(conversation).is_active());
  EXPECT_EQ(code_of(ward->send(ward->message(a, conversation, "without c"))), "accepted");
  EXPECT_EQ(code_of(ward->conversations->find(c.subject(), conversation)), "conversation-not-found");
}

TEST_P(Delivery, ACommitUnderSomebodyElsesNameIsRefused) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  const SendCommit by_a = ward->commit(a, conversation, {.with_path = true});
  EXPECT_EQ(code_of(ward->handshakes->commit(b.subject(), by_a)), "wrong-committer");
  SendCommit broken = by_a;
  broken.commit[broken.commit.size() / 2] ^= 1;
  EXPECT_EQ(code_of(ward->handshakes->commit(a.subject(), broken)), "mls-rejected");
  SendCommit without_info = by_a;
  without_info.group_info = ward->commit(b, conversation, {.with_path = true}).group_info;
  EXPECT_EQ(code_of(ward->handshakes->commit(a.subject(), without_info)), "mls-rejected");
}

TEST_P(Delivery, ARevokedDeviceIsCutOffAtOnceAndLockedOutByTheNextCommit) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  auto lost = ward->new_device();
  const auto conversation = ward->begin(a, {&b, &lost}, ConversationKind::group);
  const auto removed = ward->database->write(
      [&](storage::Transaction& tx) { return ward->removals->remove_device(tx, lost.device); });
  ASSERT_TRUE(removed.has_value()) << removed.error().detail;

  EXPECT_TRUE(ward->conversations->read_for_device(conversation, lost.device, 0, 10)->empty());
  EXPECT_EQ(code_of(ward->send(ward->message(lost, conversation, "still here"))), "conversation-not-found");
  EXPECT_EQ(code_of(ward->send(ward->message(a, conversation, "too early"))), "epoch-closing");

  ward->catch_up(a, conversation, 1);  // The server's proposal, which the next commit covers.
  ASSERT_EQ(code_of(ward->handshakes->commit(a.subject(), ward->commit(a, conversation, {}))), "accepted");
  ward->catch_up(a, conversation, 2);
  ward->catch_up(b, conversation, 1);
  EXPECT_EQ(code_of(ward->send(ward->message(a, conversation, "among us"))), "accepted");
  EXPECT_EQ(ward->catch_up(b, conversation, 3), std::vector<std::string>{"among us"});
  EXPECT_EQ(a.group(conversation).tree().member_count(), 2u);
}

TEST_P(Delivery, KeyPackagesAreClaimedOnceAndTheLastResortStays) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  ward->publish(b, 2);
  const auto last =
      *mls::KeyPackageBundle::create(*crypto::find_suite(kCipherSuite), b.signer, b.leaf, ward->lifetime());
  ASSERT_TRUE(ward->key_packages->publish(b.subject(), {}, tls::encode(mls::MlsMessage{last.key_package()}))
                  .has_value());
  std::set<Bytes> seen;
  for (int i = 0; i < 4; ++i) {
    const auto claim = ward->key_packages->claim(a.subject(), {b.user});
    ASSERT_TRUE(claim.has_value());
    ASSERT_EQ(claim->claimed.size(), 1u);
    seen.insert(claim->claimed.front().key_package);
  }
  EXPECT_EQ(seen.size(), 3u);
  const auto stock = ward->key_packages->stock(b.subject());
  EXPECT_EQ(stock->available, 0);
  EXPECT_TRUE(stock->has_last_resort);
}

TEST_P(Delivery, KeyPackagesOfOthersAndBrokenOnesAreRefused) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const Bytes of_b = ward->publish(b, 1).front();
  EXPECT_EQ(code_of(ward->key_packages->publish(a.subject(), {of_b}, std::nullopt)), "key-package-refused");
  Bytes broken = of_b;
  broken.back() ^= 1;
  EXPECT_EQ(code_of(ward->key_packages->publish(b.subject(), {broken}, std::nullopt)), "key-package-refused");
  EXPECT_EQ(code_of(ward->key_packages->publish(b.subject(), {Bytes{1, 2, 3}}, std::nullopt)),
            "key-package-refused");
}

TEST_P(Delivery, ReceiptsOnlyRiseAndNeverRunAhead) {
  auto a = ward->new_device();
  auto b = ward->new_device();
  const auto conversation = ward->begin(a, {&b});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ward->send(ward->message(a, conversation, "x")).has_value());
  EXPECT_EQ(code_of(ward->receipt(b, conversation, {.read = 3})), "accepted");
  EXPECT_EQ(code_of(ward->receipt(b, conversation, {.delivered = 2, .read = 1})), "accepted");
  EXPECT_EQ(code_of(ward->receipt(b, conversation, {.delivered = 99})), "receipt-ahead");
  const auto view = ward->conversations->find(a.subject(), conversation);
  const auto of_b = std::ranges::find(view->members, b.user, &MemberView::user);
  EXPECT_EQ(of_b->marks, (ReceiptMarks{.delivered = 3, .read = 3, .acknowledged = 0}));
}

}  // namespace
}  // namespace wardline::delivery
