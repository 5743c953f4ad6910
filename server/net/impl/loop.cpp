#include "server/net/impl/loop.h"

#include <sys/socket.h>

#include <ctime>

#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <fmt/format.h>

#include "server/core/log.h"
#include "server/net/impl/http_connection.h"

namespace wardline::net {
namespace {

using boost::system::error_code;
using core::ErrorKind;
using core::fail;

Address address_of(const asio::ip::address& address) {
  const auto v6 =
      address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
  return Address{v6.to_bytes()};
}

core::Error listen_error(const std::string& address, std::uint16_t port, const error_code& error) {
  if (error == asio::error::address_in_use) return address_in_use(address, port);
  if (error == asio::error::access_denied)
    return {
        ErrorKind::unavailable,
        "address-denied",
        fmt::format("{}:{} may not be listened on by this user: ports below 1024 need CAP_NET_BIND_SERVICE.",
                    address, port),
        {}};
  return {ErrorKind::unavailable,
          "address",
          fmt::format("Cannot listen on {}:{}: {}.", address, port, error.message()),
          {}};
}

}  // namespace

core::Error address_in_use(const std::string& address, std::uint16_t port) {
  return {
      ErrorKind::unavailable,
      "address-in-use",
      fmt::format("{}:{} is in use: another program, or another wardlined, listens there. Stop it, or choose "
                  "another port.",
                  address, port),
      {}};
}

bool Shared::enter(const Address& network) {
  const std::lock_guard lock(mutex_);
  if (connections_open >= settings.limits.connections) return false;
  auto& count = connections_of_[network];
  if (count >= settings.limits.connections_per_address) return false;
  ++count;
  ++connections_open;
  return true;
}

void Shared::leave(const Address& network) {
  const std::lock_guard lock(mutex_);
  --connections_open;
  const auto found = connections_of_.find(network);
  if (found != connections_of_.end() && --found->second == 0) connections_of_.erase(found);
}

Loop::Loop(Shared& shared)
    : shared_(shared),
      work_(context_.get_executor()),
      acceptor_(context_.get_executor()),
      timer_(context_.get_executor()),
      flushes_(std::make_shared<FlushQueue>(context_)) {}
Loop::~Loop() { flushes_->close(); }

core::Result<std::uint16_t> Loop::listen(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error)
    return fail(ErrorKind::invalid, "address", fmt::format("'{}' is no IP address to listen on.", address));
  const asio::ip::tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  // Each thread listens for itself and the kernel spreads the connections (STACK: 54,000 round trips a second
  // against 30,000 with one shared loop).
  const int on = 1;
  if (!error && setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(1024, error);
  if (error) return std::unexpected(listen_error(address, port, error));
  return acceptor_.local_endpoint(error).port();
}

void Loop::start() {
  accept();
  schedule_tick();
  thread_ = std::thread([this] { run(); });
}

void Loop::run() {
  // What a handler throws is a bug of that handler: it must not take the other connections with it.
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (const std::exception& exception) {
      core::log::error("network-handler-threw", {{"what", core::log::Technical{exception.what()}}});
    }
  }
}

void Loop::join() {
  asio::post(context_, [this] {
    work_.reset();
    timer_.cancel();
    context_.stop();
  });
  if (thread_.joinable()) thread_.join();
  flushes_->close();
  // Drop what is left while the counters that it reports to still exist.
  connections_.clear();
}

void Loop::accept() {
  acceptor_.async_accept(context_, [this](const error_code& error, TcpSocket socket) {
    if (draining_ || error == asio::error::operation_aborted) return;
    if (!error) {
      welcome(std::move(socket));
      return accept();
    }
    // Out of file descriptors or memory: waiting a tick gives connections the time to end.
    core::log::warning("accept-failed", {{"error", core::log::Technical{error.message()}}});
    timer_.expires_after(shared_.settings.limits.tick);
    timer_.async_wait([this](const error_code& cancelled) {
      if (cancelled || draining_) return;
      accept();
      schedule_tick();
    });
  });
}

void Loop::welcome(TcpSocket socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return;
  const Address peer = address_of(endpoint.address());
  if (!shared_.enter(peer.network())) {
    ++shared_.connections_refused;
    return;  // Closed without a word: under a flood, words cost more than they help.
  }
  ++shared_.connections_accepted;
  const TlsContext tls = shared_.tls();
  auto connection = std::make_shared<HttpConnection>(*this, Stream(std::move(socket), tls.get()), peer);
  add(connection);
  connection->start();
}

void Loop::schedule_tick() {
  timer_.expires_after(shared_.settings.limits.tick);
  timer_.async_wait([this](const error_code& error) {
    if (error) return;
    const auto now = SteadyClock::now();
    // Backwards, because a connection that ends is replaced by the last one.
    for (std::size_t i = connections_.size(); i > 0; --i) {
      if (i > connections_.size()) continue;
      const auto connection = connections_[i - 1];
      connection->tick(now);
    }
    schedule_tick();
  });
}

void Loop::begin_drain() {
  asio::post(context_, [this] {
    draining_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    const auto all = connections_;
    for (const auto& connection : all) connection->drain();
  });
}

void Loop::cut_all() {
  asio::post(context_, [this] {
    const auto all = connections_;
    for (const auto& connection : all) connection->cut();
  });
}

const std::string& Loop::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    date_second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    // RFC 9110 §5.6.7: always English, always GMT; the "C" locale is never changed.
    date_.assign(text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  return date_;
}

void Loop::add(std::shared_ptr<Connection> connection) {
  connection->slot_ = connections_.size();
  connections_.push_back(std::move(connection));
  connection_count_ = connections_.size();
}

void Loop::remove(Connection& connection) {
  const std::size_t slot = connection.slot_;
  if (slot >= connections_.size() || connections_[slot].get() != &connection) return;
  connections_[slot] = std::move(connections_.back());
  connections_[slot]->slot_ = slot;
  connections_.pop_back();
  connection_count_ = connections_.size();
}

}  // namespace wardline::net
