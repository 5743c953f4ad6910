// The open socket of a device while its session, its device or its person's role change: what is still taken
// from it with the next frame, and what its page hears.
#include <condition_variable>
#include <future>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "server/app/api_routes.h"
#include "server/http/gateway.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::app {
namespace {

using namespace std::chrono_literals;
using hospital::must;
using identity::ChangeAuthor;
using identity::StartedSession;
namespace json = boost::json;

/// The end of a socket in the browser. It goes on reading when it was closed, so that a test sees what is
/// said after that.
class Page final : public net::Socket {
 public:
  net::SendResult send(net::MessageKind, net::SharedMessage message) override {
    const std::lock_guard lock(mutex_);
    frames_.push_back(json::parse(*message).as_object());
    changed_.notify_all();
    return net::SendResult::queued;
  }
  void close(net::CloseCode code, std::string_view) override {
    const std::lock_guard lock(mutex_);
    closed_ = code;
    changed_.notify_all();
  }
  void pause_reading() override {}
  void resume_reading() override {}

  std::size_t count(std::string_view type) {
    const std::lock_guard lock(mutex_);
    return count_of(type);
  }
  void wait_for(std::string_view type) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_of(type) > 0; });
  }
  /// The first thing that it was told of its end; nothing while it is open.
  std::string reason() {
    const std::lock_guard lock(mutex_);
    for (const auto& frame : frames_)
      if (frame.at("type").as_string() == "session-ended") return std::string(frame.at("reason").as_string());
    return "";
  }
  std::optional<net::CloseCode> closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  std::size_t count_of(std::string_view type) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        frames_, [&](const auto& frame) { return frame.at("type").as_string() == type; }));
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<json::object> frames_;
  std::optional<net::CloseCode> closed_;
};

class OpenSocketTest : public ::testing::Test {
 protected:
  template <class Work>
  auto write(Work&& work) {
    return backend_->database().write(std::forward<Work>(work));
  }
  void SetUp() override {
    BackendOptions options;
    options.data = folder_.path() / "data";
    options.log_host = "localhost";
    options.relying_party = {"localhost", "Hospital", {"https://localhost"}};
    options.create = true;
    backend_ = must(Backend::open(std::move(options), clock_));
    add_api_routes(router_,
                   {.backend = *backend_,
                    .authenticator = backend_->authenticator(),
                    .run_later = [this](std::function<void()> task) { workers_->run(std::move(task)); },
                    .is_ready = [] { return true; }});
    gateway_ = std::make_unique<http::Gateway>(
        http::GatewayParts{router_, backend_->authenticator(), *workers_, metrics_, clock_},
        http::GatewaySettings{});
    anna_ = must(write([&](storage::Transaction& tx) -> core::Result<core::UserId> {
      return backend_->identity()
          .accounts()
          .create(tx, ChangeAuthor::system(),
                  {.username = "anna", .name = "Anna Schmidt", .password_hash = "none"})
          .id;
    }));
    began_ = at_device(device_);
    open();
  }
  void TearDown() override {
    if (handler_) handler_->on_closed(net::CloseCode::normal);
    handler_.reset();
    workers_.reset();
  }

  identity::Sessions& sessions() { return backend_->identity().sessions(); }
  identity::Devices& devices() { return backend_->identity().devices(); }
  static identity::Requester asker(const StartedSession& started) {
    return hospital::IdentityHarness::requester(started.session);
  }

  /// Anna's session at that device, as after a sign-in.
  StartedSession at_device(const hospital::SoftDevice& device) {
    const auto started = must(write([&](storage::Transaction& tx) -> core::Result<StartedSession> {
      const auto account = backend_->identity().accounts().store().find(tx, anna_);
      return sessions().start(tx, account->value(), clock_.now());
    }));
    return must(devices().enrol(asker(started), device.registration(), prove(started, device))).session;
  }
  identity::KeyProof prove(const StartedSession& session, const hospital::SoftDevice& device) {
    return device.prove(must(sessions().new_challenge(asker(session))));
  }

  void open() {
    net::RequestHead head;
    head.path = "/v1/socket";
    head.fields = {{"cookie", std::string(http::kSessionCookie) + "=" + began_.token}};
    std::promise<std::unique_ptr<net::SocketHandler>> opened;
    gateway_->decide_socket(std::move(head), [&](auto decision) {
      auto* open = std::get_if<net::OpenSocket>(&decision);
      opened.set_value(open ? std::move(open->handler) : nullptr);
    });
    handler_ = opened.get_future().get();
    ASSERT_TRUE(handler_);
    handler_->on_open(page_);
  }
  void say(const json::object& frame) {
    handler_->on_message(net::MessageKind::text, json::serialize(frame));
    std::promise<void> done;  // What a frame leaves to a worker comes before this.
    workers_->run([&] { done.set_value(); });
    done.get_future().wait();
  }
  /// Whether a frame is taken.
  bool is_heard() {
    const std::size_t before = page_->count("pong");
    say({{"type", "ping"}, {"ref", 1}});
    return page_->count("pong") > before;
  }

  core::ManualClock clock_{{1'760'000'000'000'000}};
  support::TemporaryDirectory folder_;
  std::unique_ptr<http::WorkerPool> workers_ = std::make_unique<http::WorkerPool>(1, 8);
  std::unique_ptr<Backend> backend_;
  http::Router router_;
  core::Metrics metrics_;
  std::unique_ptr<http::Gateway> gateway_;
  core::UserId anna_;
  hospital::SoftDevice device_;
  StartedSession began_;
  std::shared_ptr<Page> page_ = std::make_shared<Page>();
  std::unique_ptr<net::SocketHandler> handler_;
};

TEST_F(OpenSocketTest, IAM12_NothingIsTakenOnceTheSessionWasEnded) {
  ASSERT_TRUE(is_heard());
  must(sessions().end(asker(began_)));
  EXPECT_FALSE(is_heard());
  EXPECT_EQ(page_->closed(), net::CloseCode::session_ended);
}

TEST_F(OpenSocketTest, IAM12_NothingIsTakenOnceTheSessionWasNotUsedOrIsTooOld) {
  while (clock_.now() + 10min < began_.session.expires_at) {
    clock_.advance(10min);
    ASSERT_TRUE(is_heard()) << "used every ten minutes";
  }
  clock_.advance(10min);
  EXPECT_FALSE(is_heard()) << "and yet its time is up";
  EXPECT_EQ(page_->closed(), net::CloseCode::session_ended);
  page_ = std::make_shared<Page>();
  began_ = at_device(hospital::SoftDevice());
  handler_->on_closed(net::CloseCode::normal);
  open();
  ASSERT_TRUE(is_heard());
  clock_.advance(sessions().limits().idle + 1s);
  EXPECT_FALSE(is_heard());
  EXPECT_EQ(page_->closed(), net::CloseCode::session_ended);
}

TEST_F(OpenSocketTest, OPS3_ADatabaseThatDoesNotAnswerEndsNoSession) {
  const auto change = [&](storage::Sql sql) {
    ASSERT_TRUE(write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute(sql);
      return {};
    }));
  };
  change("ALTER TABLE sessions RENAME TO sessions_elsewhere");
  clock_.advance(sessions().limits().cache.believed + 1s);
  EXPECT_FALSE(is_heard());
  EXPECT_EQ(page_->closed(), net::CloseCode::try_again_later);
  EXPECT_EQ(page_->reason(), "") << "or the page signs its person out";
  change("ALTER TABLE sessions_elsewhere RENAME TO sessions");
  handler_->on_closed(net::CloseCode::try_again_later);
  page_ = std::make_shared<Page>();
  open();
  EXPECT_TRUE(is_heard());
}

TEST_F(OpenSocketTest, NothingIsTakenOnceAnotherNodeEndedTheSession) {
  const identity::Lifecycle nobody;
  identity::Sessions elsewhere(backend_->identity().environment(), nobody);
  ASSERT_TRUE(is_heard());
  must(elsewhere.end(asker(began_)));
  clock_.advance(sessions().limits().cache.believed + 1s);
  EXPECT_FALSE(is_heard());
  EXPECT_EQ(page_->closed(), net::CloseCode::session_ended);
}

TEST_F(OpenSocketTest, NothingIsTakenOnceTheSessionHasAnotherToken) {
  ASSERT_TRUE(is_heard());
  must(devices().bind_session(asker(began_), device_.id(), prove(began_, device_)));
  EXPECT_FALSE(is_heard()) << "what stood for the old token stands for nothing";
  EXPECT_EQ(page_->closed(), net::CloseCode::session_ended);
}

TEST_F(OpenSocketTest, DEV2_NothingIsTakenOnceTheDeviceWasRevoked) {
  ASSERT_TRUE(is_heard());
  must(devices().revoke(asker(at_device(hospital::SoftDevice())), device_.id()));
  EXPECT_FALSE(is_heard());
  EXPECT_EQ(page_->closed(), net::CloseCode::session_ended);
}

// DEV-2: the page erases what it kept when it hears this, and keeps it at any other end.
TEST_F(OpenSocketTest, DEV2_ThePageOfARemovedDeviceHearsThatItWasRemoved) {
  must(devices().revoke(asker(at_device(hospital::SoftDevice())), device_.id()));
  EXPECT_EQ(page_->reason(), "device-revoked");
}

TEST_F(OpenSocketTest, DEV2_ThePageOfALeaverHearsThatItsDeviceWasRemoved) {
  must(write([&](storage::Transaction& tx) -> core::Result<void> {
    backend_->identity().accounts().deactivate(tx, ChangeAuthor::system(), anna_);
    return {};
  }));
  EXPECT_EQ(page_->reason(), "device-revoked");
}

TEST_F(OpenSocketTest, DEV2_ThePageOfAnEndedSessionHearsOfNoRemoval) {
  must(sessions().end(asker(began_)));
  EXPECT_EQ(page_->reason(), "session-ended");
  EXPECT_EQ(page_->count("session-ended"), 1U);
}

TEST_F(OpenSocketTest, IAM1_AnotherRoleCountsFromTheNextFrameOn) {
  ASSERT_TRUE(is_heard());
  must(write([&](storage::Transaction& tx) -> core::Result<void> {
    backend_->identity().accounts().set_role(tx, ChangeAuthor::system(), anna_, policy::Role::charge_nurse);
    return {};
  }));
  // A conversation that is none of hers: the refusal is on record, with the role that it was decided for.
  say({{"type", "receipt"},
       {"conversation_id", core::new_id<core::ConversationId>().to_string()},
       {"read", 1}});
  page_->wait_for("refused");
  const auto last = must(write([](storage::Transaction& tx) -> core::Result<std::string> {
    return tx.query_value<std::string>("SELECT entry FROM audit_entries ORDER BY position DESC LIMIT 1")
        .value();
  }));
  EXPECT_EQ(audit::decode(last).value().act, audit::Act(policy::Action::receipt_send));
  EXPECT_EQ(audit::decode(last).value().actor.role, policy::Role::charge_nurse);
}

}  // namespace
}  // namespace wardline::app
