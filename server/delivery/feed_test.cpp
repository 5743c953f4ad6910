#include "server/delivery/feed.h"

#include <deque>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "server/delivery/hub.h"

namespace wardline::delivery {
namespace {

using core::ConversationId;
using core::DeviceId;
using core::UserId;

LogEntryPtr entry_of(ConversationId conversation, std::int64_t sequence) {
  auto entry = std::make_shared<LogEntry>();
  entry->conversation = conversation;
  entry->sequence = sequence;
  return entry;
}

/// A log in memory, a sink that refuses when it is full, and workers that the test runs by hand.
struct Ward {
  struct Sink : FeedSink {
    explicit Sink(Ward& owner) : ward(owner) {}
    bool deliver(const LogEntryPtr& entry) override {
      if (ward.room == 0) return false;
      --ward.room;
      ward.received[entry->conversation].push_back(entry->sequence);
      return true;
    }
    void notify(const Notice&) override { ++ward.notices; }
    void give_up() override { ward.given_up = true; }
    Ward& ward;
  };

  core::Result<std::vector<LogEntryPtr>> read(ConversationId conversation, std::int64_t after, int limit) {
    if (failure && conversation == failing) return std::unexpected(*failure);
    std::vector<LogEntryPtr> page;
    for (std::int64_t next = after + 1; next <= log[conversation] && std::ssize(page) < limit; ++next) {
      if (next > hidden_before) page.push_back(entry_of(conversation, next));
    }
    return page;
  }

  FeedPtr connect() {
    return std::make_shared<Feed>(
        Feed::Owner{core::new_id<UserId>(), device, std::nullopt}, std::make_unique<Sink>(*this),
        [this](ConversationId conversation, DeviceId, std::int64_t after, int limit) {
          return read(conversation, after, limit);
        },
        [this](std::function<void()> task) { tasks.push_back(std::move(task)); });
  }

  void run_tasks() {
    while (!tasks.empty()) {
      const auto task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }

  std::vector<std::int64_t> upto(std::int64_t last) const {
    std::vector<std::int64_t> all;
    for (std::int64_t i = 1; i <= last; ++i) all.push_back(i);
    return all;
  }

  DeviceId device = core::new_id<DeviceId>();
  std::map<ConversationId, std::int64_t> log;
  std::map<ConversationId, std::vector<std::int64_t>> received;
  std::deque<std::function<void()>> tasks;
  int room = 1'000'000;
  int notices = 0;
  bool given_up = false;
  std::optional<core::Error> failure = {};
  std::int64_t hidden_before = 0;
  ConversationId failing = {};
};

TEST(Feed, ADeviceThatWasAwayGetsTheBacklogAndThenWhatIsNew) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  ward.log[conversation] = 1000;
  const FeedPtr feed = ward.connect();
  feed->follow(conversation, 0, 1000);
  bool ready = false;
  feed->when_caught_up([&] { return ready = true; });
  ward.run_tasks();
  EXPECT_TRUE(ready);
  feed->on_entry(entry_of(conversation, ++ward.log[conversation]));
  EXPECT_EQ(ward.received[conversation], ward.upto(1001));
}

TEST(Feed, AnEntryThatArrivesTwiceIsSentOnce) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  const FeedPtr feed = ward.connect();
  feed->follow(conversation, 0, 0);
  ward.log[conversation] = 1;
  feed->on_entry(entry_of(conversation, 1));
  feed->on_entry(entry_of(conversation, 1));
  ward.run_tasks();
  EXPECT_EQ(ward.received[conversation], ward.upto(1));
}

TEST(Feed, AGapIsFilledFromTheLog) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  const FeedPtr feed = ward.connect();
  feed->follow(conversation, 0, 0);
  ward.log[conversation] = 5;
  feed->on_entry(entry_of(conversation, 5));
  ward.run_tasks();
  EXPECT_EQ(ward.received[conversation], ward.upto(5));
}

TEST(Feed, AFullSocketLosesNothingAndGoesOnWhenItHasRoom) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  const FeedPtr feed = ward.connect();
  feed->follow(conversation, 0, 0);
  ward.room = 3;
  for (int i = 1; i <= 10; ++i) {
    ward.log[conversation] = i;
    feed->on_entry(entry_of(conversation, i));
    ward.run_tasks();
  }
  EXPECT_EQ(ward.received[conversation], ward.upto(3));
  ward.room = 4;
  feed->resume();
  ward.run_tasks();
  EXPECT_EQ(ward.received[conversation], ward.upto(7));
  ward.room = 100;
  feed->resume();
  ward.run_tasks();
  EXPECT_EQ(ward.received[conversation], ward.upto(10));
}

TEST(Feed, AnEntryThatArrivesWhileTheLogIsReadIsNotForgotten) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  ward.log[conversation] = 3;
  ward.hidden_before = 3;  // The first page is empty: these are not for this device.
  const FeedPtr feed = ward.connect();
  feed->follow(conversation, 0, 3);
  ward.log[conversation] = 4;
  feed->on_entry(entry_of(conversation, 4));
  ward.run_tasks();
  EXPECT_EQ(ward.received[conversation], std::vector<std::int64_t>{4});
}

TEST(Feed, TellsThatItIsReadyOnceThereIsRoomToSaySo) {
  Ward ward;
  const FeedPtr feed = ward.connect();
  bool room = false;
  int told = 0;
  feed->when_caught_up([&] {
    told += room ? 1 : 0;
    return room;
  });
  ward.run_tasks();
  EXPECT_EQ(told, 0);
  room = true;
  for (int again = 0; again < 2; ++again) {
    feed->resume();
    ward.run_tasks();
    EXPECT_EQ(told, 1);
  }
}

TEST(Feed, ThatTheSessionEndedReachesASlowSocketToo) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  const FeedPtr feed = ward.connect();
  feed->follow(conversation, 0, 0);
  ward.room = 0;
  feed->on_entry(entry_of(conversation, 1));
  feed->on_notice(SessionEndedNotice{"revoked"});
  EXPECT_EQ(ward.notices, 1);
}

TEST(Feed, WhileTheDatabaseIsAwayADeviceIsSentAwayAndDoesNotWaitUnknowing) {
  Ward ward;
  ward.failing = core::new_id<ConversationId>();
  ward.failure = core::Error{core::ErrorKind::unavailable, "storage-unavailable", "away", {}};
  ward.log[ward.failing] = 2;
  const FeedPtr feed = ward.connect();
  feed->follow(ward.failing, 0, 2);
  ward.run_tasks();
  EXPECT_TRUE(ward.received.empty());
  EXPECT_TRUE(ward.given_up);
}

TEST(Feed, AConversationThatCannotBeReadHoldsUpNoOther) {
  Ward ward;
  ward.failing = core::new_id<ConversationId>();
  ward.failure = core::Error{core::ErrorKind::not_found, "shredded", "gone", {}};
  const auto other = core::new_id<ConversationId>();
  ward.log[ward.failing] = ward.log[other] = 2;
  const FeedPtr feed = ward.connect();
  feed->follow(ward.failing, 0, 2);
  feed->follow(other, 0, 2);
  bool ready = false;
  feed->when_caught_up([&] { return ready = true; });
  ward.run_tasks();
  EXPECT_EQ(ward.received[other], ward.upto(2));
  EXPECT_TRUE(ready);
  EXPECT_FALSE(ward.given_up);
}

TEST(Feed, AClosedOrRemovedDeviceGetsNothingMore) {
  Ward ward;
  const auto conversation = core::new_id<ConversationId>();
  const FeedPtr feed = ward.connect();
  Hub hub;
  hub.connect(feed);
  feed->follow(conversation, 0, 0);
  hub.follow(feed, conversation);
  hub.publish(entry_of(conversation, 1));
  hub.unfollow(feed->owner().device, conversation);
  hub.publish(entry_of(conversation, 2));
  EXPECT_EQ(ward.received[conversation], ward.upto(1));
  hub.notify_device(feed->owner().device, SessionEndedNotice{"revoked"});
  EXPECT_EQ(ward.notices, 1);
  hub.disconnect(feed);
  hub.notify_device(feed->owner().device, SessionEndedNotice{"revoked"});
  EXPECT_EQ(ward.notices, 1);
  EXPECT_EQ(hub.connected(), 0u);
}

// MSG-2 under every interleaving we can provoke: live entries out of order and twice, sockets that fill up,
// workers that lag.
TEST(Feed, RandomWeatherNeverLosesDoublesOrReorders) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    Ward ward;
    const std::vector<ConversationId> conversations = {core::new_id<ConversationId>(),
                                                       core::new_id<ConversationId>()};
    const FeedPtr feed = ward.connect();
    for (const auto& conversation : conversations) feed->follow(conversation, 0, 0);
    for (int step = 0; step < 300; ++step) {
      const auto& conversation = conversations[random() % 2];
      switch (random() % 6) {
        case 0:
        case 1:
          feed->on_entry(entry_of(conversation, ++ward.log[conversation]));
          break;
        case 2:
          ++ward.log[conversation];
          break;  // Written by somebody whose wake-up was lost.
        case 3:
          if (ward.log[conversation] > 0) {
            feed->on_entry(
                entry_of(conversation, 1 + static_cast<std::int64_t>(random()) % ward.log[conversation]));
          }
          break;
        case 4:
          ward.room = static_cast<int>(random() % 5);
          break;
        case 5:
          ward.run_tasks();
          feed->resume();
          break;
      }
    }
    ward.room = 1'000'000;
    for (const auto& conversation : conversations)
      feed->on_entry(entry_of(conversation, ++ward.log[conversation]));
    feed->resume();
    ward.run_tasks();
    for (const auto& conversation : conversations) {
      EXPECT_EQ(ward.received[conversation], ward.upto(ward.log[conversation]));
    }
  }
}

}  // namespace
}  // namespace wardline::delivery
