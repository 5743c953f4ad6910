// A running server on a free port of loopback, with an echo service behind it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "server/net/server.h"
#include "server/net/testing/certificate.h"
#include "server/net/testing/client.h"

namespace wardline::net::testing {

/// What a socket of the echo service has seen, for the test to look at.
struct SocketLog {
  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<Socket> socket;
  int caught_up = 0;
  std::optional<CloseCode> closed;

  int times_caught_up() {
    const std::lock_guard lock(mutex);
    return caught_up;
  }
  bool is_closed() {
    const std::lock_guard lock(mutex);
    return closed.has_value();
  }
  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(10), condition);
  }
};

class EchoSocket final : public SocketHandler {
 public:
  explicit EchoSocket(std::shared_ptr<SocketLog> log) : log_(std::move(log)) {}
  void on_open(std::shared_ptr<Socket> socket) override {
    note([&] { log_->socket = std::move(socket); });
  }
  void on_message(MessageKind kind, std::string_view message) override {
    log_->socket->send(kind, std::make_shared<const std::string>(message));
  }
  void on_caught_up() override {
    note([&] { ++log_->caught_up; });
  }
  void on_closed(CloseCode code) override {
    note([&] { log_->closed = code; });
  }

 private:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock(log_->mutex);
    change();
    log_->changed.notify_all();
  }
  std::shared_ptr<SocketLog> log_;
};

/// /echo gives the body back, /later the same from another thread, /never drops its answer, /huge answers 4
/// MB, /hold waits until `release`, /socket is a WebSocket, /no-socket refuses to be one.
class EchoService final : public Service {
 public:
  ~EchoService() override {
    release();
    for (auto& thread : threads_) thread.join();
  }

  Admission admit(const RequestHead& head) override {
    if (head.wants_websocket) return DecideSocket{};
    if (head.path == "/refused") return Refuse{{.status = 403, .body = "no"}};
    return ReadBody{.limit = body_limit};
  }
  void serve(Request request, Respond respond) override {
    if (request.path == "/never") return;
    if (request.path == "/throws") throw std::runtime_error("a bug in a handler");
    if (request.path == "/huge") return respond({.body = std::string(4 << 20, 'h')});
    if (request.path == "/later" || request.path == "/hold") {
      const std::lock_guard lock(mutex_);
      threads_.emplace_back([this, hold = request.path == "/hold", body = std::move(request.body),
                             reply = std::move(respond)]() mutable {
        if (hold) {
          std::unique_lock waiting(mutex_);
          ++holding;
          released_.wait(waiting, [this] { return open_; });
        }
        reply({.body = std::move(body)});
      });
      return;
    }
    if (request.path == "/peer") return respond({.body = request.peer.to_string()});
    respond({.fields = {{"x-method", std::string(name_of(request.method))}, {"x-query", request.query}},
             .body = std::move(request.body)});
  }
  void decide_socket(RequestHead head, AnswerUpgrade answer) override {
    if (head.path != "/socket") return answer(Response{.status = 403, .body = "no socket"});
    auto log = std::make_shared<SocketLog>();
    {
      const std::lock_guard lock(mutex_);
      last_socket_ = log;
    }
    answer(OpenSocket{.handler = std::make_unique<EchoSocket>(log), .protocol = {}});
  }
  Response explain(Fault fault) override {
    static constexpr int statuses[] = {400, 408, 413, 426, 431, 500, 501, 503, 505};
    return {.status = statuses[static_cast<int>(fault)], .body = "fault"};
  }

  void release() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    released_.notify_all();
  }
  std::shared_ptr<SocketLog> last_socket() {
    const std::lock_guard lock(mutex_);
    return last_socket_;
  }

  std::size_t body_limit = 64 * 1024;
  std::atomic<std::uint64_t> holding{0};  ///< Requests that got as far as /hold.

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool open_ = false;
  std::vector<std::thread> threads_;
  std::shared_ptr<SocketLog> last_socket_;
};

class RunningServer {
 public:
  /// Deadlines short enough for tests.
  static Limits quick() {
    Limits limits;
    limits.tick = std::chrono::milliseconds(10);
    return limits;
  }
  explicit RunningServer(Limits limits = quick(), unsigned threads = 2) {
    ServerSettings settings{
        .address = "127.0.0.1", .port = 0, .threads = threads, .tls = certificate.files(), .limits = limits};
    auto created = Server::create(settings, service);
    if (!created) throw std::runtime_error(created.error().detail);
    server = std::move(*created);
    server->start();
  }
  ~RunningServer() { service.release(); }
  std::uint16_t port() const { return server->port(); }

  TestCertificate certificate;
  EchoService service;
  std::unique_ptr<Server> server;
};

/// Waits for something that happens on another thread.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace wardline::net::testing
