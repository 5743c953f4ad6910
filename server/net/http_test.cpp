// HTTP/1.1 as seen by clients, proper ones and others.
#include <gtest/gtest.h>

#include "server/net/testing/fixture.h"

namespace wardline::net {
namespace {

using std::chrono::milliseconds;
using testing::Client;
using testing::eventually;
using testing::RunningServer;

TEST(Http, ServesManyRequestsOnOneConnection) {
  RunningServer running;
  Client client(running.port());
  ASSERT_TRUE(client.secure());
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.post("/echo?a=b", "body " + std::to_string(i));
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "body " + std::to_string(i));
    EXPECT_EQ(answer.field("x-query"), "a=b");
    EXPECT_EQ(answer.field("x-method"), "POST");
    EXPECT_EQ(answer.field("date").size(), 29u);
  }
  EXPECT_EQ(client.get("/peer").body, "127.0.0.1");
  EXPECT_EQ(client.post("/later", "from a worker").body, "from a worker");
  EXPECT_EQ(running.server->counts().connections_accepted, 1u);
}

TEST(Http, AnswersPipelinedRequestsInOrder) {
  RunningServer running;
  Client client(running.port());
  std::string all;
  for (int i = 0; i < 200; ++i) {
    const std::string body = std::to_string(i);
    all += std::string("POST ") + (i % 3 ? "/echo" : "/later") +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.read_answer().body, std::to_string(i));
}

TEST(Http, TakesARequestThatArrivesByteByByte) {
  RunningServer running;
  Client client(running.port());
  for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"))
    ASSERT_TRUE(client.send(std::string_view(&c, 1)));
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST(Http, TakesChunkedBodiesUpToTheLimitOfTheRoute) {
  RunningServer running;
  Client client(running.port());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.request(head + "5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\n\r\n").body, "hello, world");
  EXPECT_EQ(client.request(head + "20000\r\n" + std::string(0x20000, 'x') + "\r\n0\r\n\r\n").status, 413);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Http, RefusesABodyOverTheLimitBeforeItIsSent) {
  RunningServer running;
  Client client(running.port());
  EXPECT_EQ(client.request("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n").status, 413);
  EXPECT_TRUE(client.is_closed_by_server());
  Client other(running.port());
  EXPECT_EQ(other.post("/echo", std::string(65536, 'x')).body.size(), 65536u);
}

TEST(Http, ARefusalReachesAClientThatIsStillSending) {
  RunningServer running;
  Client client(running.port());
  client.send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" +
              std::string(300'000, 'x'));
  EXPECT_EQ(client.read_answer().status, 403);
}

TEST(Http, SendsContinueOnlyForABodyThatItWants) {
  RunningServer running;
  Client client(running.port());
  const auto head = [](std::string path) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  };
  EXPECT_EQ(client.request(head("/echo")).status, 100);
  client.send("ok");
  EXPECT_EQ(client.read_answer().body, "ok");
  EXPECT_EQ(client.request(head("/refused")).status, 403);
}

TEST(Http, HeadIsAnsweredWithoutContent) {
  RunningServer running;
  Client client(running.port());
  client.send("HEAD /huge HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.read_answer(true);
  EXPECT_EQ(answer.field("content-length"), "4194304");
  EXPECT_EQ(client.post("/echo", "next").body, "next");
}

TEST(Http, SendsAnswersFarLargerThanASocketBuffer) {
  RunningServer running;
  Client client(running.port());
  EXPECT_EQ(client.get("/huge").body, std::string(4 << 20, 'h'));
}

struct Malformed {
  const char* what;
  std::string request;
  int status;
};

class MalformedRequest : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequest, IsRefusedAndTheConnectionClosed) {
  RunningServer running;
  Client client(running.port());
  EXPECT_EQ(client.request(GetParam().request).status, GetParam().status) << GetParam().what;
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_EQ(Client(running.port()).get("/echo").status, 200);
}

INSTANTIATE_TEST_SUITE_P(
    Http, MalformedRequest,
    ::testing::Values(
        Malformed{"garbage", "\x01\x02\x03\r\n\r\n", 400},
        Malformed{"no target", "GET HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        Malformed{"half a version", "GET /echo H\r\n\r\n", 505},
        Malformed{"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        Malformed{"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        Malformed{"absolute form", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        Malformed{"HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\n\r\n", 505},
        Malformed{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Malformed{"unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
        Malformed{
            "length and chunked",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400},
        Malformed{
            "chunked and length",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            400},
        Malformed{"two lengths",
                  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
        Malformed{"the same length twice",
                  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
        Malformed{"negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400},
        Malformed{"length beyond 64 bits",
                  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        Malformed{"another coding",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
        Malformed{"coding twice",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n0\r\n\r\n",
                  400},
        Malformed{"broken chunk size",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Malformed{"space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
        Malformed{"bare line feeds", "GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 505},
        Malformed{"NUL in a value", std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b") + '\0' + "c\r\n\r\n",
                  400},
        Malformed{"header over 16 KB",
                  "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'a') + "\r\n\r\n", 431},
        Malformed{"header that never ends", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(40'000, 'a'),
                  431},
        Malformed{"too many fields",
                  [] {
                    std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
                    for (int i = 0; i < 150; ++i) request += "A" + std::to_string(i) + ": b\r\n";
                    return request + "\r\n";
                  }(),
                  431}));

TEST(Http, AHeadIsBoundedHoweverItIsCut) {
  RunningServer running;
  const std::string first = "GET /echo HTTP/1.1\r\n", host = "Host: x\r\n", end = "\r\n\r\n";
  const std::size_t limit = 16 * 1024;
  for (const auto& [size, status] : {std::pair{limit, 200}, {limit + 1, 431}}) {
    const std::size_t rest = size - first.size() - host.size() - 3 - end.size();
    Client client(running.port());
    client.send(first);
    std::this_thread::sleep_for(milliseconds(50));  // So that the line is taken before the rest comes.
    client.send(host + "A: " + std::string(rest, 'a') + end);
    EXPECT_EQ(client.read_answer().status, status) << size;
  }
}

TEST(Http, AHandlerThatForgetsToAnswerBecomes500AndTheConnectionGoesOn) {
  RunningServer running;
  Client client(running.port());
  EXPECT_EQ(client.get("/never").status, 500);
  EXPECT_EQ(client.post("/echo", "alive").body, "alive");
}

TEST(Http, ASlowHeaderMissesItsDeadline) {
  auto limits = RunningServer::quick();
  limits.header = milliseconds(200);
  RunningServer running(limits);
  Client client(running.port());
  client.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 20; ++i) {  // Each byte in time, the whole never: slow loris.
    std::this_thread::sleep_for(milliseconds(20));
    if (!client.send("a")) break;
  }
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_GE(running.server->counts().deadlines_missed, 1u);
}

TEST(Http, ASlowBodyMissesItsDeadline) {
  auto limits = RunningServer::quick();
  limits.body = milliseconds(200);
  RunningServer running(limits);
  Client client(running.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome");
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Http, ConnectionsThatSayNothingAreClosed) {
  auto limits = RunningServer::quick();
  limits.header = milliseconds(150);
  limits.idle = milliseconds(150);
  limits.handshake = milliseconds(150);
  RunningServer running(limits);
  Client no_handshake(running.port(), {.handshake = false});
  Client no_request(running.port());
  Client no_second(running.port());
  EXPECT_EQ(no_second.get("/echo").status, 200);
  EXPECT_TRUE(no_request.is_closed_by_server());
  EXPECT_TRUE(no_second.is_closed_by_server());
  char byte = 0;
  EXPECT_EQ(recv(no_handshake.fd(), &byte, 1, 0), 0);
  EXPECT_TRUE(eventually([&] { return running.server->counts().connections_open == 0; }));
}

TEST(Http, APeerThatReadsNothingIsCutOff) {
  auto limits = RunningServer::quick();
  limits.write = milliseconds(300);
  RunningServer running(limits);
  Client client(running.port());
  const int small = 4096;
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  client.send("GET /huge HTTP/1.1\r\nHost: x\r\n\r\nGET /huge HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return running.server->counts().connections_open == 0; }));
}

TEST(Http, ConnectionsAreLimitedPerAddressAndAllTogether) {
  for (const bool per_address : {true, false}) {
    auto limits = RunningServer::quick();
    (per_address ? limits.connections_per_address : limits.connections) = 3;
    RunningServer running(limits);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(std::make_unique<Client>(running.port()));
      EXPECT_EQ(clients.back()->get("/echo").status, 200);
    }
    EXPECT_FALSE(Client(running.port()).secure());
    clients.pop_back();
    EXPECT_TRUE(eventually([&] { return Client(running.port()).get("/echo").status == 200; }));
    EXPECT_GE(running.server->counts().connections_refused, 1u);
  }
}

TEST(Http, RequestsInFlightAreLimited) {
  auto limits = RunningServer::quick();
  limits.requests_in_flight = 2;
  RunningServer running(limits);
  Client a(running.port());
  Client b(running.port());
  Client c(running.port());
  a.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  b.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return running.service.holding == 2; }));
  EXPECT_EQ(c.get("/echo").status, 503);
  running.service.release();
  EXPECT_EQ(a.read_answer().status, 200);
  EXPECT_EQ(b.read_answer().status, 200);
  EXPECT_TRUE(eventually([&] { return running.server->counts().requests_in_flight == 0; }));
  EXPECT_EQ(a.get("/echo").status, 200);
}

TEST(Http, BodiesOfAllRequestsTogetherAreLimited) {
  auto limits = RunningServer::quick();
  limits.buffered_body_bytes = 50'000;
  RunningServer running(limits);
  Client a(running.port());
  a.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return running.server->counts().requests_in_flight == 1; }));
  Client b(running.port());
  EXPECT_EQ(b.post("/echo", std::string(20'000, 'x')).status, 503);
  a.send(std::string(40'000, 'x'));
  EXPECT_EQ(a.read_answer().status, 200);
  Client c(running.port());
  EXPECT_TRUE(eventually([&] { return c.post("/echo", std::string(20'000, 'x')).status == 200; }));
}

TEST(Http, DrainFinishesWhatIsInFlightAndRefusesWhatIsNew) {
  RunningServer running;
  Client busy(running.port());
  Client idle(running.port());
  EXPECT_EQ(idle.get("/echo").status, 200);
  busy.send("POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nlast");
  ASSERT_TRUE(eventually([&] { return running.service.holding == 1; }));
  std::thread drainer([&] { running.server->drain(std::chrono::seconds(10)); });
  EXPECT_TRUE(idle.is_closed_by_server());
  EXPECT_TRUE(eventually([&] { return !Client(running.port(), {.tls = false}).connected(); }));
  running.service.release();
  const auto answer = busy.read_answer();
  EXPECT_EQ(answer.body, "last");
  EXPECT_EQ(answer.field("connection"), "close");
  drainer.join();
  EXPECT_EQ(running.server->counts().connections_open, 0u);
}

TEST(Http, DrainCutsWhatDoesNotEndInTime) {
  RunningServer running;
  Client stuck(running.port());
  stuck.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return running.service.holding == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  running.server->drain(milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_TRUE(stuck.is_closed_by_server());
}

TEST(Http, AFloodOfConnectionsThatVanishLeavesNothingBehind) {
  RunningServer running;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        Client client(running.port(), {.tls = i % 2 == 0, .handshake = i % 4 != 0});
        client.send(i % 3 == t % 3 ? "GET /later HTTP/1.1\r\nHost: x\r\n\r\n" : "POST /ech");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(eventually([&] { return running.server->counts().connections_open == 0; }));
  EXPECT_EQ(running.server->counts().requests_in_flight, 0u);
  EXPECT_EQ(Client(running.port()).get("/echo").status, 200);
}

}  // namespace
}  // namespace wardline::net
