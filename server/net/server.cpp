#include "server/net/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "server/net/impl/loop.h"

namespace wardline::net {
namespace {

using core::ErrorKind;
using core::fail;
using core::Result;

class ServerOnLoops final : public Server {
 public:
  ServerOnLoops(const ServerSettings& settings, Service& service) : shared_(settings, service) {}
  ~ServerOnLoops() override {
    drain(std::chrono::milliseconds(0));
    // Handlers that still run on workers will answer into these loops.
    while (shared_.promises > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  Result<void> open() {
    if (auto loaded = load_tls(); !loaded) return loaded;
    if (auto free = check_free(); !free) return free;
    const auto& settings = shared_.settings;
    const unsigned threads =
        settings.threads ? settings.threads : std::max(1U, std::thread::hardware_concurrency() / 2);
    port_ = settings.port;
    for (unsigned i = 0; i < threads; ++i) {
      loops_.push_back(std::make_unique<Loop>(shared_));
      const auto port = loops_.back()->listen(settings.address, port_);
      if (!port) return std::unexpected(port.error());
      port_ = *port;
    }
    return {};
  }

  void start() override {
    started_ = true;
    for (const auto& loop : loops_) loop->start();
  }

  std::uint16_t port() const override { return port_; }

  ServerCounts counts() const override {
    return {.connections_open = shared_.connections_open,
            .sockets_open = shared_.sockets_open,
            .requests_in_flight = shared_.requests_in_flight,
            .connections_accepted = shared_.connections_accepted,
            .connections_refused = shared_.connections_refused,
            .handshakes_failed = shared_.handshakes_failed,
            .requests = shared_.requests,
            .deadlines_missed = shared_.deadlines_missed,
            .requests_malformed = shared_.requests_malformed};
  }

  Result<void> reload_certificate() override { return load_tls(); }

  void drain(std::chrono::milliseconds patience) override {
    if (!std::exchange(started_, false)) return;
    for (const auto& loop : loops_) loop->begin_drain();
    const auto until = SteadyClock::now() + patience;
    const auto busy = [this] {
      return std::ranges::any_of(loops_, [](const auto& loop) { return !loop->is_empty(); });
    };
    while (busy() && SteadyClock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (const auto& loop : loops_) loop->cut_all();
    for (const auto& loop : loops_) loop->join();
  }

 private:
  Result<void> load_tls() {
    if (!shared_.settings.tls) return check_loopback();
    auto context = create_tls_context(*shared_.settings.tls);
    if (!context) return std::unexpected(context.error());
    shared_.set_tls(std::move(*context));
    return {};
  }

  // ENC-2: what leaves the machine is encrypted.
  Result<void> check_loopback() const {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(shared_.settings.address, error);
    if (!error && ip.is_loopback()) return {};
    return fail(ErrorKind::invalid, "plain-listener",
                fmt::format("{} is no loopback address: without TLS, only those may be listened on.",
                            shared_.settings.address));
  }

  // With SO_REUSEPORT a second server of the same user could listen beside us unnoticed and take half of our
  // connections. A socket without that option cannot be bound where anybody listens.
  Result<void> check_free() const {
    if (shared_.settings.port == 0) return {};
    asio::io_context context;
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(shared_.settings.address, error);
    if (error) return {};  // `listen` tells.
    asio::ip::tcp::acceptor probe(context);
    const asio::ip::tcp::endpoint endpoint(ip, shared_.settings.port);
    probe.open(endpoint.protocol(), error);
    probe.set_option(asio::socket_base::reuse_address(true), error);
    probe.bind(endpoint, error);
    if (!error) probe.listen(1, error);
    if (error != asio::error::address_in_use) return {};
    return std::unexpected(address_in_use(shared_.settings.address, shared_.settings.port));
  }

  Shared shared_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::uint16_t port_ = 0;
  bool started_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const ServerSettings& settings, Service& service) {
  // Writing to a connection that the peer has closed is an error to handle, not a reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  auto server = std::make_unique<ServerOnLoops>(settings, service);
  if (auto opened = server->open(); !opened) return std::unexpected(opened.error());
  return server;
}

}  // namespace wardline::net
