#include "server/http/routes/device_line.h"

#include <vector>

#include <gtest/gtest.h>

namespace wardline::http {
namespace {

/// A queue of so many frames.
class NarrowSocket final : public net::Socket {
 public:
  net::SendResult send(net::MessageKind, net::SharedMessage message) override {
    if (room == 0) return net::SendResult::behind;
    --room;
    frames.push_back(*message);
    return net::SendResult::queued;
  }
  void close(net::CloseCode, std::string_view) override {}
  void pause_reading() override {}
  void resume_reading() override {}

  std::vector<std::string> frames;
  int room = 0;
};

constexpr const char* kBehind = R"({"type":"behind"})";

class DeviceLineTest : public ::testing::Test {
 protected:
  void read_on(int room) {
    socket_->room = room;
    line_.on_caught_up();
  }
  std::shared_ptr<NarrowSocket> socket_ = std::make_shared<NarrowSocket>();
  DeviceLine line_{socket_};
};

TEST_F(DeviceLineTest, Msg2WhoReadTooSlowlyForAnAnswerIsToldSoOnceThereIsRoom) {
  line_.say("an answer");
  line_.say("a receipt");
  read_on(0);
  EXPECT_TRUE(socket_->frames.empty());
  read_on(5);
  read_on(5);
  EXPECT_EQ(socket_->frames, std::vector<std::string>{kBehind});
}

TEST_F(DeviceLineTest, EntriesAndWhatIsOfNoUseLaterAreNotSpokenOf) {
  EXPECT_FALSE(line_.deliver(std::make_shared<const std::string>("an entry")));
  line_.mention("somebody is typing");
  read_on(5);
  EXPECT_TRUE(socket_->frames.empty());
  EXPECT_TRUE(line_.deliver(std::make_shared<const std::string>("an entry")));
  line_.say("an answer");
  EXPECT_EQ(socket_->frames, (std::vector<std::string>{"an entry", "an answer"}));
}

}  // namespace
}  // namespace wardline::http
