// The gateway behind a real server: what a client sees of limits, origin, session, policy and handlers.
#include "server/http/gateway.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "server/http/json.h"
#include "server/http/json_reader.h"
#include "server/http/routes/health_routes.h"
#include "server/net/testing/fixture.h"

namespace wardline::http {
namespace {

using net::testing::Answer;
using net::testing::Client;
using policy::Action;

// A token that says in a test what it is, which real ones do not.
std::string token_of(std::string_view name) {
  Bytes bytes(32);
  std::ranges::copy(as_bytes(name), bytes.begin());
  return to_base64url(bytes);
}
std::string cookie_of(std::string_view name) {
  return "Cookie: __Host-wardline-session=" + token_of(name) + "\r\n";
}
const std::string kCookie = cookie_of("good");

// Sessions by name: "good" is known, "slow" has to be read from the database, "early" has no device yet.
class NamedSessions final : public Authenticator {
 public:
  Result<policy::Subject> authenticate(const identity::SessionKey& session, const net::Address&) override {
    ++blocking;
    return look_up(session);
  }
  std::optional<Result<policy::Subject>> authenticate_now(const identity::SessionKey& session,
                                                          const net::Address&) override {
    if (session == slow_) return std::nullopt;
    return look_up(session);
  }
  Result<void> may_attempt(const policy::Subject& subject, Action action) override {
    if (policy::info_of(action).stage > subject.stage)
      return fail(ErrorKind::unauthenticated, "stage-too-low", "This browser has to show its device first.");
    if (action == Action::policy_manage)
      return fail(ErrorKind::denied, "not-permitted", "Your role may not.");
    return {};
  }
  core::Error record_denial(const policy::Subject&, Action, const net::Address&, core::Error error) override {
    ++denials;
    return error;
  }

  std::atomic<int> blocking{0};
  std::atomic<int> denials{0};

 private:
  Result<policy::Subject> look_up(const identity::SessionKey& session) {
    if (session != good_ && session != slow_ && session != early_)
      return fail(ErrorKind::unauthenticated, "session-ended", "The session has ended. Sign in again.");
    policy::Subject subject;
    subject.user = user_;
    subject.stage = session == early_ ? policy::Stage::signed_in : policy::Stage::device_bound;
    return subject;
  }
  static identity::SessionKey key_of(std::string_view name) {
    return identity::SessionKey::of(token_of(name)).value();
  }
  const core::UserId user_ = core::new_id<core::UserId>();
  const identity::SessionKey good_ = key_of("good");
  const identity::SessionKey slow_ = key_of("slow");
  const identity::SessionKey early_ = key_of("early");
};

class GatewayTest : public ::testing::Test {
 protected:
  void start(GatewaySettings settings = {}, std::size_t workers = 2, std::size_t waiting = 64) {
    router_.add<Action::message_send>(
        Method::post, "/v1/conversations/{id}/messages",
        [](Context& context) -> Result<Response> {
          JsonReader body(context.request().body);
          const auto text = body.text("text", {.least = 1, .most = 20});
          if (auto read = body.finish(); !read) return std::unexpected(read.error());
          return json_response(
              {{"id", context.parameter("id")}, {"text", text}, {"user", to_json(context.subject().user)}},
              201);
        },
        {.body_limit = 1000});
    router_.add_async<Action::conversation_list>(
        Method::get, "/v1/conversations", [this](const auto& context, Reply reply) {
          async_thread_ = std::this_thread::get_id();
          reply(json_response({{"user", to_json(context->subject().user)}}));
        });
    router_.add<Action::public_sign_in>(
        Method::post, "/v1/sign-in/password", [](Context&) -> Result<Response> {
          return fail(ErrorKind::unauthenticated, "wrong-credentials", "Name or password are wrong.");
        });
    router_.add<Action::policy_manage>(Method::post, "/v1/policy",
                                       [](Context&) -> Result<Response> { return Response(); });
    router_.add<Action::file_write>(Method::put, "/v1/bytes",
                                    [](Context& context) -> Result<Response> {
                                      return json_response({{"size", context.request().body.size()}});
                                    },
                                    {.content_type = "application/octet-stream"});
    router_.add<Action::session_read>(Method::get, "/v1/session",
                                      [](Context&) -> Result<Response> { return json_response({}); });
    router_.add<Action::session_end>(Method::del, "/v1/session",
                                     [](Context&) -> Result<Response> { return no_content(); });
    router_.add<Action::device_read>(
        Method::get, "/v1/throws", [](Context&) -> Result<Response> { throw std::runtime_error("secret"); });
    router_.add_async<Action::device_read>(Method::get, "/v1/throws-async", [](const auto&, const Reply&) {
      throw std::runtime_error("secret");
    });
    router_.add<Action::device_read>(Method::get, "/v1/waits", [this](Context&) -> Result<Response> {
      ++waiting_;
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return released_; });
      return no_content();
    });
    router_.add_socket<Action::socket_open>(
        "/v1/socket", [this](Context& context) -> Result<std::unique_ptr<net::SocketHandler>> {
          socket_user_ = context.subject().user;
          return std::make_unique<net::testing::EchoSocket>(std::make_shared<net::testing::SocketLog>());
        });
    add_health_routes(router_, [this] { return ready_.load(); });
    pool_ = std::make_unique<WorkerPool>(workers, waiting);
    gateway_ = std::make_unique<Gateway>(GatewayParts{router_, sessions_, *pool_, metrics_, clock_, nullptr},
                                         std::move(settings));
    auto server = net::Server::create(
        {.address = "127.0.0.1", .port = 0, .threads = 1, .tls = certificate_.files()}, *gateway_);
    ASSERT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void TearDown() override {
    release();
    server_.reset();
  }
  std::uint16_t port() const { return server_->port(); }
  Answer post(const std::string& path, const std::string& body, const std::string& fields = kCookie) {
    return Client(port()).post(path, body, "Content-Type: application/json\r\n" + fields);
  }
  static std::string code(const Answer& answer) {
    const auto at = answer.body.find("problem:");
    return at == std::string::npos ? "" : answer.body.substr(at + 8, answer.body.find('"', at) - at - 8);
  }

  net::testing::TestCertificate certificate_;
  Router router_;
  NamedSessions sessions_;
  core::Metrics metrics_;
  core::SystemClock clock_;
  std::atomic<bool> ready_{true};
  std::atomic<int> waiting_{0};
  std::thread::id async_thread_;
  core::UserId socket_user_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<net::Server> server_;
};

TEST_F(GatewayTest, RunsAHandlerForASignedInCaller) {
  start();
  const auto answer = post("/v1/conversations/abc/messages", R"({"text":"hello"})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_TRUE(answer.body.starts_with(R"({"id":"abc","text":"hello","user":")")) << answer.body;
  EXPECT_EQ(answer.field("content-type"), "application/json");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.field("x-request-id").size(), 36u);
}

TEST_F(GatewayTest, EveryAnswerCarriesTheSecurityFields) {
  start();
  Client client(port());
  for (const auto& answer : {client.get("/v1/session", kCookie), client.get("/v1/session"),
                             client.get("/v1/nothing"), client.get("/x"), client.get("/healthz")}) {
    EXPECT_EQ(answer.field("content-security-policy"), "default-src 'none'; frame-ancestors 'none'")
        << answer.head;
    EXPECT_TRUE(answer.field("strict-transport-security").starts_with("max-age=63072000"));
    EXPECT_EQ(answer.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.field("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.field("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
  }
}

TEST_F(GatewayTest, WithoutASessionOfTheRightStageThereIsNothing) {
  start();
  EXPECT_EQ(code(post("/v1/conversations/abc/messages", R"({"text":"x"})", "")), "no-session");
  EXPECT_EQ(code(post("/v1/conversations/abc/messages", R"({"text":"x"})", cookie_of("gone"))),
            "session-ended");
  EXPECT_EQ(code(post("/v1/conversations/abc/messages", R"({"text":"x"})", cookie_of("early"))),
            "stage-too-low");
  EXPECT_EQ(code(Client(port()).get("/v1/conversations", cookie_of("early"))), "stage-too-low");
  EXPECT_EQ(Client(port()).get("/v1/session", cookie_of("early")).status, 200);
  EXPECT_EQ(post("/v1/sign-in/password", "{}", "").status, 401);
}

TEST_F(GatewayTest, NobodyWithoutASessionGetsTheServerToReadABody) {
  start();
  Client client(port());
  const auto answer = client.request(
      "POST /v1/conversations/abc/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\nContent-Length: 900\r\n\r\n");
  EXPECT_EQ(answer.status, 401);  // Before a byte of it was sent.
}

TEST_F(GatewayTest, Iam5ARoleThatMayNotIsRefusedAndTheRefusalRecorded) {
  start();
  EXPECT_EQ(code(post("/v1/policy", "{}")), "not-permitted");
  EXPECT_EQ(sessions_.denials, 1);
}

TEST_F(GatewayTest, TheHotPathBlocksNowhereWhenTheSessionIsInMemory) {
  start();
  EXPECT_EQ(Client(port()).get("/v1/conversations", kCookie).status, 200);
  EXPECT_EQ(sessions_.blocking, 0);
  const auto on_network_thread = async_thread_;
  EXPECT_EQ(Client(port()).get("/v1/conversations", cookie_of("slow")).status, 200);
  EXPECT_EQ(sessions_.blocking, 1);
  EXPECT_NE(async_thread_, on_network_thread);
}

TEST_F(GatewayTest, OtherSitesCannotActWithAUsersSession) {
  start({.origins = {"https://wardline.example"}});
  const std::string body = R"({"text":"x"})";
  const auto with = [&](const std::string& fields) {
    return post("/v1/conversations/abc/messages", body, kCookie + fields).status;
  };
  EXPECT_EQ(with(""), 201);
  EXPECT_EQ(with("Origin: https://wardline.example\r\nSec-Fetch-Site: same-origin\r\n"), 201);
  for (const char* other :
       {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: http://wardline.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n",
        "Origin: https://wardline.example.evil.example\r\n"})
    EXPECT_EQ(with(other), 403) << other;
  EXPECT_EQ(Client(port()).get("/v1/session", kCookie + "Origin: https://evil.example\r\n").status, 200);
  EXPECT_EQ(Client(port()).upgrade("/v1/socket", kCookie + "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(Client(port()).upgrade("/v1/socket", kCookie + "Origin: https://wardline.example\r\n").status,
            101);
}

TEST_F(GatewayTest, WithoutConfiguredOriginsTheHostFieldDecides) {
  start();
  EXPECT_EQ(post("/v1/policy", "{}", kCookie + "Origin: https://localhost\r\n").status, 403);
  EXPECT_EQ(code(post("/v1/policy", "{}", kCookie + "Origin: https://localhost\r\n")), "not-permitted");
  EXPECT_EQ(code(post("/v1/policy", "{}", kCookie + "Origin: https://other\r\n")), "cross-origin");
}

TEST_F(GatewayTest, Msg4ARouteForBytesTakesBytesAndNothingElse) {
  start();
  const auto put = [&](const std::string& type) {
    return Client(port()).request("PUT /v1/bytes HTTP/1.1\r\nHost: localhost\r\n" + kCookie +
                                  "Content-Type: " + type + "\r\nContent-Length: 3\r\n\r\na\xff\x01");
  };
  EXPECT_EQ(put("application/octet-stream").body, "{\"size\":3}");
  for (const char* type :
       {"application/json", "text/plain", "multipart/form-data", "application/octet-streams"})
    EXPECT_EQ(code(put(type)), "content-type") << type;
}

TEST_F(GatewayTest, BodiesAreJsonAndSaySo) {
  start();
  Client client(port());
  for (const char* type :
       {"", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/jsonp\r\n"})
    EXPECT_EQ(code(Client(port()).post("/v1/conversations/abc/messages", "{}", kCookie + std::string(type))),
              "content-type")
        << type;
  EXPECT_EQ(
      client.request(std::string("DELETE /v1/session HTTP/1.1\r\nHost: localhost\r\n") + kCookie + "\r\n")
          .status,
      204);
}

TEST_F(GatewayTest, ProblemDocumentsHaveTheirShape) {
  start();
  const auto answer = post("/v1/conversations/abc/messages", R"({"text":""})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.field("content-type"), "application/problem+json");
  EXPECT_TRUE(answer.body.starts_with(
      R"({"type":"urn:wardline:problem:invalid-field","title":"The request cannot be understood","status":400,)"
      R"("detail":"The field 'text' must be 1 to 20 bytes long.","request_id":")"))
      << answer.body;
  EXPECT_NE(answer.body.find(answer.field("x-request-id")), std::string::npos);
}

TEST_F(GatewayTest, UnknownAddressesAndMethodsAreToldApart) {
  start();
  Client client(port());
  EXPECT_EQ(client.get("/v1/nothing", kCookie).status, 404);
  const auto wrong = client.get("/v1/conversations/abc/messages", kCookie);
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.field("allow"), "POST");
  EXPECT_EQ(code(wrong), "method-not-allowed");
  EXPECT_EQ(client.get("/v1/socket", kCookie).status, 400);
  EXPECT_EQ(Client(port()).upgrade("/v1/session", kCookie).status, 400);
}

TEST_F(GatewayTest, TheRoutesBodyLimitHolds) {
  start();
  EXPECT_EQ(code(post("/v1/conversations/abc/messages", std::string(1001, ' '))), "body-too-large");
  EXPECT_EQ(code(post("/v1/conversations/abc/messages", std::string(1000, ' '))), "invalid-json");
}

TEST_F(GatewayTest, WhatAHandlerThrowsStaysInTheLog) {
  start();
  testing::internal::CaptureStderr();
  for (const char* path : {"/v1/throws", "/v1/throws-async"}) {
    const auto answer = Client(port()).get(path, kCookie);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(code(answer), "internal");
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("secret"), std::string::npos);
}

TEST_F(GatewayTest, OneUserCannotUseUpTheServer) {
  start({.per_user = {.per_second = 0.5, .burst = 3}});
  Client client(port());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get("/v1/conversations", kCookie).status, 200);
  for (const char* path : {"/v1/conversations", "/v1/session"}) {
    const auto limited = client.get(path, kCookie);
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.field("retry-after"), "2");
  }
}

TEST_F(GatewayTest, OneAddressCannotUseUpTheServer) {
  start({.per_address = {.per_second = 0.1, .burst = 3}});
  Client client(port());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/healthz").status, 429);
}

TEST_F(GatewayTest, OverloadIsAnAnswerAndHealthIsStillTold) {
  start({}, 1, 2);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(std::string("GET /v1/waits HTTP/1.1\r\nHost: localhost\r\n") + kCookie + "\r\n");
    ASSERT_TRUE(net::testing::eventually(
        [&] { return waiting_ == 1 && pool_->waiting() == static_cast<std::size_t>(i); }));
  }
  Client late(port());
  const auto refused = late.get("/v1/session", kCookie);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code(refused), "overloaded");
  EXPECT_EQ(Client(port()).upgrade("/v1/socket", kCookie).status, 503);
  EXPECT_EQ(late.get("/healthz").status, 200);
  EXPECT_EQ(late.get("/v1/conversations", kCookie).status, 200);
  release();
  for (auto& client : clients) EXPECT_EQ(client->read_answer().status, 204);
}

TEST_F(GatewayTest, OpensSocketsForSignedInDevicesOnly) {
  start();
  Client client(port());
  EXPECT_EQ(client.upgrade("/v1/socket").status, 401);
  EXPECT_EQ(Client(port()).upgrade("/v1/socket", cookie_of("early")).status, 401);
  ASSERT_EQ(client.upgrade("/v1/socket", kCookie).status, 101);
  EXPECT_FALSE(socket_user_.is_nil());
  client.send_text("echo");
  EXPECT_EQ(client.read_frame().payload, "echo");
}

TEST_F(GatewayTest, Ops2TellsWhenItIsNotReady) {
  start();
  Client client(port());
  EXPECT_EQ(client.get("/readyz").status, 200);
  ready_ = false;
  EXPECT_EQ(client.get("/readyz").status, 503);
  EXPECT_EQ(client.get("/healthz").status, 200);
}

TEST_F(GatewayTest, Ops2CountsRequestsByRouteWithoutAnyIdInTheLabels) {
  start();
  post("/v1/conversations/018f3c5e-0000-7000-8000-0000000000ab/messages", R"({"text":"hello"})");
  post("/v1/conversations/018f3c5e-0000-7000-8000-0000000000ab/messages", R"({"text":""})");
  const std::string text = metrics_.text();
  const std::string labels = R"({method="POST",route="/v1/conversations/{id}/messages",status=)";
  EXPECT_NE(text.find("wardline_http_requests_total" + labels + "\"2xx\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("wardline_http_requests_total" + labels + "\"4xx\"} 1\n"), std::string::npos);
  EXPECT_EQ(text.find("018f3c5e"), std::string::npos);
}

}  // namespace
}  // namespace wardline::http
