#include "lib/transparency/log_view.h"

#include <gtest/gtest.h>

#include "lib/transparency/memory_log_test.h"

namespace wardline::transparency {
namespace {

class LogViewTest : public testing::Test {
 protected:
  LogViewTest() { log_.grow(5); }

  /// A log with the same key whose entry number `from` and all after it are others.
  static MemoryLog fork(std::uint64_t from, std::uint64_t size) {
    MemoryLog other;
    other.grow(from);
    while (other.entries.size() < size) other.add(MemoryLog::device(1000 + other.entries.size()));
    return other;
  }
  static Alarm alarm_of(const Outcome<void>& outcome) {
    EXPECT_FALSE(outcome);
    return outcome ? Alarm{} : outcome.error();
  }

  MemoryLog log_;
  LogView view_ = *LogView::create(log_.key());
};

TEST_F(LogViewTest, LearnsNewCheckpointsOfALogThatOnlyGrowsEnc8) {
  for (const std::uint64_t size : {5u, 5u, 6u, 8u, 300u, 1025u}) {
    log_.grow(size);
    ASSERT_TRUE(log_.teach(view_)) << size;
    EXPECT_EQ(view_.size(), size);
    EXPECT_EQ(view_.checkpoint(), log_.checkpoint());
  }
}

TEST_F(LogViewTest, RefusesAForkARollbackAndAForeignSignatureEachByItsNameAndStaysAsItWas) {
  ASSERT_TRUE(log_.teach(view_));
  const Bytes before = view_.state();
  MemoryLog forked = fork(4, 9);
  EXPECT_EQ(alarm_of(view_.learn(forked.checkpoint(), forked.consistency(5, 9))), Alarm::forked);
  EXPECT_EQ(alarm_of(view_.learn(forked.checkpoint(5), {})), Alarm::forked) << "of the same size";
  EXPECT_EQ(alarm_of(view_.learn(log_.checkpoint(4), {})), Alarm::rolled_back);
  log_.grow(9);
  EXPECT_EQ(alarm_of(view_.learn(log_.checkpoint(9), {})), Alarm::forked) << "without a proof";
  MemoryLog foreign(8);
  foreign.grow(9);
  EXPECT_EQ(alarm_of(view_.learn(foreign.checkpoint(), log_.consistency(5, 9))), Alarm::bad_signature);
  MemoryLog renamed(7, "log.example/audit");
  renamed.grow(9);
  EXPECT_EQ(alarm_of(view_.learn(renamed.checkpoint(), log_.consistency(5, 9))), Alarm::bad_signature);
  std::string bent = log_.checkpoint(9);
  bent.replace(bent.find("\n9\n"), 3, "\n8\n");
  EXPECT_EQ(alarm_of(view_.learn(bent, log_.consistency(5, 8))), Alarm::bad_signature);
  EXPECT_EQ(alarm_of(view_.learn("nonsense", {})), Alarm::malformed);
  EXPECT_EQ(view_.state(), before);
}

TEST_F(LogViewTest, KnowsACertificateAsLoggedOnlyAfterItsProof) {
  ASSERT_TRUE(log_.teach(view_));
  const auto third = MemoryLog::device(2);
  EXPECT_FALSE(view_.is_logged(hash_of_certificate(third.certificate)));
  IssuedCertificate ghost = third;
  ghost.certificate.push_back(1);
  EXPECT_EQ(alarm_of(view_.prove(ghost, 2, log_.inclusion(2, 5))), Alarm::not_included);
  EXPECT_EQ(alarm_of(view_.prove(third, 3, log_.inclusion(2, 5))), Alarm::not_included);
  EXPECT_EQ(alarm_of(view_.prove(third, 2, {})), Alarm::not_included);
  IssuedCertificate somebody_elses = third;
  somebody_elses.user_id = MemoryLog::device(3).user_id;
  EXPECT_EQ(alarm_of(view_.prove(somebody_elses, 2, log_.inclusion(2, 5))), Alarm::not_included);
  EXPECT_FALSE(view_.is_logged(hash_of_certificate(third.certificate)));
  ASSERT_TRUE(view_.prove(third, 2, log_.inclusion(2, 5)));
  EXPECT_TRUE(view_.is_logged(hash_of_certificate(third.certificate)));
  EXPECT_FALSE(view_.is_logged(hash_of_certificate(ghost.certificate)));
}

TEST_F(LogViewTest, ProvesNothingBeforeItHasSeenACheckpoint) {
  EXPECT_EQ(alarm_of(view_.prove(MemoryLog::device(0), 0, {})), Alarm::not_included);
}

TEST_F(LogViewTest, IsTheSameAfterItWasStored) {
  ASSERT_TRUE(log_.teach(view_));
  ASSERT_TRUE(view_.prove(MemoryLog::device(2), 2, log_.inclusion(2, 5)));
  const auto again = LogView::open(view_.state());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->state(), view_.state());
  EXPECT_EQ(again->key(), log_.key());
  EXPECT_EQ(again->size(), 5u);
  EXPECT_TRUE(again->is_logged(hash_of_certificate(MemoryLog::device(2).certificate)));
  Bytes state = view_.state();
  for (std::size_t length = 0; length < state.size(); ++length) {
    EXPECT_FALSE(LogView::open(ByteView(state).first(length))) << length;
  }
  EXPECT_FALSE(LogView::create("log.example/devices"));
}

TEST_F(LogViewTest, ReadsEveryEntryThatIsLoggedAfterItBegan) {
  ASSERT_TRUE(log_.teach(view_));
  EXPECT_FALSE(view_.unread());
  std::vector<IssuedCertificate> said;
  for (const std::uint64_t size : {6u, 7u, 13u, 700u, 1300u}) {
    log_.grow(size);
    ASSERT_TRUE(log_.teach(view_));
    while (const auto range = view_.unread()) {
      ASSERT_LE(range->last - range->first, LogView::kMostEntriesAtOnce);
      const auto entries = std::span(log_.entries).subspan(range->first, range->last - range->first);
      const auto read =
          view_.read(entries, *merkle::subtree_consistency_proof(log_.tree, range->first, range->last, size));
      ASSERT_TRUE(read) << range->first << " to " << range->last << " of " << size;
      said.insert(said.end(), read->begin(), read->end());
    }
  }
  ASSERT_EQ(said.size(), 1295u);
  for (std::size_t i = 0; i < said.size(); ++i) ASSERT_EQ(said[i], MemoryLog::device(i + 5));
}

TEST_F(LogViewTest, AnEntryThatIsLeftOutOrAlteredIsNoticed) {
  ASSERT_TRUE(log_.teach(view_));
  log_.grow(7);
  ASSERT_TRUE(log_.teach(view_));
  const auto range = *view_.unread();
  const auto proof = *merkle::subtree_consistency_proof(log_.tree, range.first, range.last, 7);
  std::vector<std::string> entries(log_.entries.begin() + static_cast<std::ptrdiff_t>(range.first),
                                   log_.entries.begin() + static_cast<std::ptrdiff_t>(range.last));
  entries.front() = encode_entry(MemoryLog::device(99));
  EXPECT_EQ(view_.read(entries, proof).error(), Alarm::forked);
  entries.pop_back();
  EXPECT_EQ(view_.read(entries, proof).error(), Alarm::malformed);
  EXPECT_EQ(view_.unread()->first, range.first);
}

TEST_F(LogViewTest, TwoMembersFindOutThatTheyWereShownTwoLogs) {
  ASSERT_TRUE(log_.teach(view_));
  log_.grow(8);
  ASSERT_TRUE(log_.teach(view_));
  EXPECT_TRUE(view_.compare(log_.checkpoint(5), log_.consistency(5, 8)));
  EXPECT_TRUE(view_.compare(log_.checkpoint(8), {}));
  MemoryLog forked = fork(6, 8);
  EXPECT_EQ(alarm_of(view_.compare(forked.checkpoint(), {})), Alarm::forked);
  EXPECT_EQ(alarm_of(view_.compare(forked.checkpoint(7), forked.consistency(7, 8))), Alarm::forked);
  EXPECT_TRUE(view_.compare(forked.checkpoint(6), log_.consistency(6, 8))) << "the same so far";
  EXPECT_EQ(view_.size_of(forked.checkpoint(7)), 7u);
  MemoryLog foreign(8);
  foreign.grow(7);
  EXPECT_EQ(view_.size_of(foreign.checkpoint()), std::unexpected(Alarm::bad_signature))
      << "whoever is no log cannot raise the alarm of a fork";
}

TEST_F(LogViewTest, ForgetsRatherThanGrowsWithoutBound) {
  log_.grow(LogView::kMostRemembered + 1);
  ASSERT_TRUE(log_.teach(view_));
  const std::uint64_t size = log_.tree.size();
  for (std::uint64_t i = 0; i < size; ++i) {
    ASSERT_TRUE(view_.prove(MemoryLog::device(i), i, log_.inclusion(i, size)));
  }
  EXPECT_FALSE(view_.is_logged(hash_of_certificate(MemoryLog::device(0).certificate)));
  EXPECT_TRUE(view_.is_logged(hash_of_certificate(MemoryLog::device(size - 1).certificate)));
}

TEST(LogEntry, HasOneSpelling) {
  const auto device = MemoryLog::device(3);
  const std::string entry = encode_entry(device);
  EXPECT_EQ(entry, R"({"v":1,"id":"11111111-0000-0000-0000-000001000003",)"
                   R"("user":"00000000-0000-0000-0000-000001000003",)"
                   R"("certificate":"63657274696669636174652031303030303033"})");
  EXPECT_EQ(parse_entry(entry), device);
  for (std::size_t i = 0; i < entry.size(); ++i) {
    std::string bad = entry;
    bad.erase(i, 1);
    EXPECT_NE(parse_entry(bad), device) << bad;
    bad = entry;
    bad[i] = static_cast<char>(bad[i] ^ 0x20);
    EXPECT_NE(parse_entry(bad), device) << bad;
  }
  EXPECT_FALSE(parse_entry(entry + " "));
}

}  // namespace
}  // namespace wardline::transparency
