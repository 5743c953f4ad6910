// RFC 6455 as seen by clients, among them one that breaks each rule.
#include <thread>

#include <gtest/gtest.h>

#include "server/net/testing/fixture.h"

namespace wardline::net {
namespace {

using std::chrono::milliseconds;
using testing::Client;
using testing::eventually;
using testing::RunningServer;

// RFC 6455 §1.3 has this key and its answer.
TEST(WebSocket, UpgradesWithTheAcceptValueOfTheSpecification) {
  RunningServer running;
  Client client(running.port());
  const auto answer = client.upgrade("/socket");
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, RefusesUpgradesThatAreNot) {
  RunningServer running;
  Client client(running.port());
  EXPECT_EQ(client.upgrade("/no-socket").status, 403);
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const auto wrong_version = client.get(
      "/socket", upgrade + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(wrong_version.status, 426);
  EXPECT_EQ(wrong_version.field("sec-websocket-version"), "13");
  EXPECT_EQ(
      client.get("/socket", upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n").status,
      400);
}

TEST(WebSocket, EchoesTextAndBinaryOfEverySize) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 4096UL, 65535UL, 65536UL, 200'000UL}) {
    const std::string payload(size, static_cast<char>('a' + size % 26));
    for (const int opcode : {1, 2}) {
      ASSERT_TRUE(client.send(Client::frame(0x80 | opcode, payload)));
      const auto frame = client.read_frame();
      EXPECT_EQ(frame.opcode, opcode);
      EXPECT_EQ(frame.payload, payload);
    }
  }
}

TEST(WebSocket, TakesFramesThatComeByteByByteAndMessagesInFragmentsWithPingsBetween) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  // "ä€😀" cut within characters.
  const std::string text = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
  const std::string all = Client::frame(0x01, text.substr(0, 1)) + Client::frame(0x89, "are you there") +
                          Client::frame(0x00, text.substr(1, 3)) + Client::frame(0x00, "") +
                          Client::frame(0x80, text.substr(4));
  for (const char c : all) ASSERT_TRUE(client.send(std::string_view(&c, 1)));
  const auto pong = client.read_frame();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  EXPECT_EQ(client.read_frame().payload, text);
}

TEST(WebSocket, ABusySocketThatFallsSilentForAWhileLosesNothing) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const std::string text(2000, 'x');
  const std::string last = Client::frame(0x81, "after the silence");
  for (int round = 0; round < 3; ++round) {
    // Without waiting for answers: several records lie in the server's buffer at once.
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(client.send(Client::frame(0x81, text)));
    for (int i = 0; i < 40; ++i) ASSERT_EQ(client.read_frame().payload, text);
    ASSERT_TRUE(client.send(last.substr(0, 7)));
    std::this_thread::sleep_for(3 * RunningServer::quick().tick);  // It gives its buffers back meanwhile.
    ASSERT_TRUE(client.send(last.substr(7)));
    ASSERT_EQ(client.read_frame().payload, "after the silence");
  }
}

TEST(WebSocket, FramesBehindTheUpgradeRequestAreNotLost) {
  RunningServer running;
  Client client(running.port());
  ASSERT_TRUE(
      client.send("GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: "
                  "websocket\r\nSec-WebSocket-Version: "
                  "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
                  Client::frame(0x81, "early")));
  EXPECT_EQ(client.read_answer().status, 101);
  EXPECT_EQ(client.read_frame().payload, "early");
}

struct Broken {
  const char* rule;
  std::string frames;
  int code;
};

class BrokenFrames : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenFrames, CloseTheConnectionWithTheRightCode) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  ASSERT_TRUE(client.send(GetParam().frames));
  const auto frame = client.read_frame();
  EXPECT_EQ(frame.opcode, 8) << GetParam().rule;
  EXPECT_EQ(frame.close_code(), GetParam().code) << GetParam().rule;
  client.send(Client::frame(0x88, "\x03\xe8"));
  EXPECT_TRUE(client.is_closed_by_server());
}

INSTANTIATE_TEST_SUITE_P(
    WebSocket, BrokenFrames,
    ::testing::Values(
        Broken{"§5.1: clients mask", Client::frame(0x81, "x", false), 1002},
        Broken{"§5.2: reserved bits", Client::frame(0xc1, "x"), 1002},
        Broken{"§5.2: reserved opcodes", Client::frame(0x83, "x"), 1002},
        Broken{"§5.2: reserved control opcodes", Client::frame(0x8b, "x"), 1002},
        Broken{"§5.5: control frames are short", Client::frame(0x89, std::string(126, 'x')), 1002},
        Broken{"§5.5: control frames are whole", Client::frame(0x09, "x"), 1002},
        Broken{"§5.4: nothing to continue", Client::frame(0x80, "x"), 1002},
        Broken{"§5.4: a message within a message", Client::frame(0x01, "x") + Client::frame(0x81, "y"), 1002},
        Broken{"§5.2: the shortest length", std::string("\x82\xfe\x00\x05", 4) + "mask", 1002},
        Broken{"§5.2: lengths have 63 bits",
               std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10) + "mask", 1002},
        Broken{"§8.1: text is UTF-8", Client::frame(0x81, "\xc3\x28"), 1007},
        Broken{"§8.1: no overlong forms", Client::frame(0x81, "\xc0\xaf"), 1007},
        Broken{"§8.1: no surrogates", Client::frame(0x81, "\xed\xa0\x80"), 1007},
        Broken{"§8.1: not cut at the end", Client::frame(0x81, "\xe2\x82"), 1007},
        Broken{"§8.1: refused before the message ends", Client::frame(0x01, "\xff"), 1007},
        Broken{"§5.5.1: a close code has two bytes", Client::frame(0x88, "x"), 1002},
        Broken{"§7.4.1: codes that are never sent", Client::frame(0x88, "\x03\xed"), 1002},
        Broken{"§7.4: undefined codes", Client::frame(0x88, "\x07\xd0"), 1002},
        Broken{"§5.5.1: the reason is UTF-8", Client::frame(0x88, "\x03\xe8\xff"), 1007},
        Broken{"§7.4.1: over the limit in one frame", Client::frame(0x82, std::string(262'145, 'x')), 1009},
        Broken{
            "§7.4.1: over the limit in fragments",
            Client::frame(0x02, std::string(200'000, 'x')) + Client::frame(0x80, std::string(100'000, 'x')),
            1009},
        Broken{"§7.4.1: the length alone is enough",
               std::string("\x82\xff\x00\x00\x00\x01\x00\x00\x00\x00", 10) + "mask", 1009}));

TEST(WebSocket, AnswersTheClientsCloseAndReportsItsCode) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  client.send(Client::frame(0x88,
                            "\x0f\xa1"
                            "bye"));
  EXPECT_EQ(client.read_frame().close_code(), 4001);
  EXPECT_TRUE(client.is_closed_by_server());
  const auto log = running.service.last_socket();
  EXPECT_TRUE(log->wait([&] { return log->closed.has_value(); }));
  EXPECT_EQ(static_cast<int>(*log->closed), 4001);
  EXPECT_EQ(log->socket->send_text("late"), SendResult::closed);
}

TEST(WebSocket, ClosesWithWhatIsQueuedAheadOfTheCloseFrame) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->socket != nullptr; }));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(log->socket->send_text("last words"), SendResult::queued);
  log->socket->close(CloseCode::session_ended, "Signed out.");
  EXPECT_EQ(log->socket->send_text("too late"), SendResult::closed);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_frame().payload, "last words");
  const auto close = client.read_frame();
  EXPECT_EQ(close.close_code(), 4401);
  EXPECT_EQ(close.payload.substr(2), "Signed out.");
}

TEST(WebSocket, APeerThatDoesNotAnswerTheCloseIsCutOff) {
  auto limits = RunningServer::quick();
  limits.close_within = milliseconds(200);
  RunningServer running(limits);
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->socket != nullptr; }));
  log->socket->close(CloseCode::normal, "");
  EXPECT_TRUE(log->wait([&] { return log->closed.has_value(); }));
}

TEST(WebSocket, ASlowPeerIsBehindUntilItHasCaughtUpAndNothingQueuedIsLost) {
  auto limits = RunningServer::quick();
  limits.socket_queue_bytes = 100'000;
  RunningServer running(limits);
  Client client(running.port());
  const int small = 4096;
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->socket != nullptr; }));
  int queued = 0;
  while (log->socket->send_text(std::to_string(queued) + std::string(10'000, 'x')) == SendResult::queued)
    ++queued;
  EXPECT_GT(queued, 5);
  EXPECT_EQ(log->socket->send_text("still behind"), SendResult::behind);
  EXPECT_EQ(log->times_caught_up(), 0);
  for (int i = 0; i < queued; ++i) {
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.payload, std::to_string(i) + std::string(10'000, 'x'));
  }
  EXPECT_TRUE(log->wait([&] { return log->caught_up == 1; }));
  EXPECT_EQ(log->socket->send_text("again"), SendResult::queued);
  EXPECT_EQ(client.read_frame().payload, "again");
}

TEST(WebSocket, APeerThatStopsReadingIsCutOffAsTooSlow) {
  auto limits = RunningServer::quick();
  limits.write = milliseconds(300);
  RunningServer running(limits);
  Client client(running.port());
  const int small = 4096;
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->socket != nullptr; }));
  EXPECT_TRUE(
      eventually([&] { return log->socket->send_text(std::string(100'000, 'x')) == SendResult::behind; }));
  EXPECT_TRUE(log->wait([&] { return log->closed.has_value(); }));
  EXPECT_EQ(*log->closed, CloseCode::too_slow);
}

TEST(WebSocket, AHalfOpenConnectionIsAskedAndThenGivenUp) {
  auto limits = RunningServer::quick();
  limits.ping_after = milliseconds(100);
  limits.pong_within = milliseconds(200);
  RunningServer running(limits);
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  for (int i = 0; i < 3; ++i) {  // As long as it answers, it stays.
    EXPECT_EQ(client.read_frame().opcode, 9);
    client.send(Client::frame(0x8a, ""));
  }
  EXPECT_FALSE(log->is_closed());
  EXPECT_TRUE(log->wait([&] { return log->closed.has_value(); }));  // And then it says nothing.
  EXPECT_EQ(*log->closed, CloseCode::abnormal);
}

TEST(WebSocket, PausedReadingHoldsTheSenderBackAndLosesNothing) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->socket != nullptr; }));
  log->socket->pause_reading();
  client.send_text("one");  // May still be read: the wait for it was under way.
  client.send_text("two");
  client.send_text("three");
  log->socket->resume_reading();
  for (const char* expected : {"one", "two", "three"}) EXPECT_EQ(client.read_frame().payload, expected);
}

TEST(WebSocket, AFloodOfPingsIsAnsweredWithinBoundsAndHoldsUpNobodyElse) {
  RunningServer running(RunningServer::quick(), 1);
  Client flooder(running.port());
  ASSERT_EQ(flooder.upgrade("/socket").status, 101);
  std::string pings;
  for (int i = 0; i < 2'000; ++i) pings += Client::frame(0x89, std::string(100, 'p'));
  ASSERT_TRUE(flooder.send(pings));
  Client other(running.port());
  EXPECT_EQ(other.get("/echo").status, 200);
  flooder.send_text("still there");
  auto frame = flooder.read_frame();
  while (frame.opcode == 10) frame = flooder.read_frame();
  EXPECT_EQ(frame.payload, "still there");
}

TEST(WebSocket, DrainSaysGoingAway) {
  RunningServer running;
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  std::thread drainer([&] { running.server->drain(std::chrono::seconds(10)); });
  const auto frame = client.read_frame();
  EXPECT_EQ(frame.close_code(), 1001);
  client.send(Client::frame(0x88, "\x03\xe9"));
  drainer.join();
  EXPECT_EQ(running.server->counts().sockets_open, 0u);
}

TEST(WebSocket, ManySendersFromManyThreadsKeepEachOnesOrder) {
  auto limits = RunningServer::quick();
  limits.socket_queue_messages = 100'000;
  limits.socket_queue_bytes = 64 << 20;
  RunningServer running(limits);
  Client client(running.port());
  ASSERT_EQ(client.upgrade("/socket").status, 101);
  const auto log = running.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->socket != nullptr; }));
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) log->socket->send_text(std::to_string(t) + ":" + std::to_string(i));
    });
  int next[4] = {};
  for (int i = 0; i < 4000; ++i) {
    const auto frame = client.read_frame();
    ASSERT_EQ(frame.opcode, 1);
    const int sender = frame.payload[0] - '0';
    EXPECT_EQ(frame.payload.substr(2), std::to_string(next[sender]++));
  }
  for (auto& sender : senders) sender.join();
}

}  // namespace
}  // namespace wardline::net
