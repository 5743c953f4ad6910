// One network thread: its event loop, its listening socket and the connections that it accepted.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "server/net/impl/flush_queue.h"
#include "server/net/impl/stream.h"
#include "server/net/server.h"

namespace wardline::net {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

/// Counters and limits that the threads share.
struct Shared {
  explicit Shared(const ServerSettings& chosen, Service& used) : settings(chosen), service(used) {}

  const ServerSettings settings;
  Service& service;
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> sockets_open{0};
  std::atomic<std::uint64_t> requests_in_flight{0};
  std::atomic<std::uint64_t> promises{0};  ///< Answers that handlers still owe.
  std::atomic<std::uint64_t> buffered_body_bytes{0};
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> handshakes_failed{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> deadlines_missed{0};
  std::atomic<std::uint64_t> requests_malformed{0};

  TlsContext tls() {
    const std::lock_guard lock(mutex_);
    return tls_;
  }
  void set_tls(TlsContext context) {
    const std::lock_guard lock(mutex_);
    tls_ = std::move(context);
  }
  /// Takes a place for one more connection from there; false where the limit is reached.
  bool enter(const Address& network);
  void leave(const Address& network);

 private:
  std::mutex mutex_;
  TlsContext tls_;
  std::map<Address, std::size_t> connections_of_;  ///< Bounded by the number of open connections.
};

core::Error address_in_use(const std::string& address, std::uint16_t port);

class Loop;

/// A connection's place among those of its thread, and what the thread asks of it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;
  /// Looks at the deadlines.
  virtual void tick(TimePoint now) = 0;
  /// Comes to an end as soon as it politely can.
  virtual void drain() = 0;
  /// Comes to an end now.
  virtual void cut() = 0;

 private:
  friend class Loop;
  std::size_t slot_ = 0;
};

class Loop {
 public:
  explicit Loop(Shared& shared);
  ~Loop();

  /// Binds and listens on that port; 0 picks one. Gives the port.
  core::Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
  void start();
  void join();

  /// From any thread.
  void begin_drain();
  void cut_all();
  bool is_empty() const { return connection_count_ == 0; }

  // The rest belongs to this loop's thread.
  Shared& shared() { return shared_; }
  asio::io_context& context() { return context_; }
  bool is_draining() const { return draining_; }
  /// Where every connection of the thread reads into before it looks at what came: idle ones need no buffer.
  std::span<std::uint8_t> read_buffer() { return read_buffer_; }
  /// What a connection that has everything sent leaves for the next one.
  std::string& write_buffer() { return write_buffer_; }
  const std::shared_ptr<FlushQueue>& flushes() const { return flushes_; }
  /// The value of the Date field, made once a second.
  const std::string& date();

  void add(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);

 private:
  void accept();
  void welcome(TcpSocket socket);
  void schedule_tick();
  void run();

  Shared& shared_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type> acceptor_;
  asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, asio::io_context::executor_type>
      timer_;
  std::vector<std::shared_ptr<Connection>>
      connections_;  ///< Shared with the waits and replies that are under way.
  std::atomic<std::size_t> connection_count_{0};
  bool draining_ = false;
  std::array<std::uint8_t, 16 * 1024> read_buffer_{};
  std::string write_buffer_;
  std::shared_ptr<FlushQueue> flushes_;
  std::string date_;
  std::time_t date_second_ = 0;
  std::thread thread_;
};

}  // namespace wardline::net
