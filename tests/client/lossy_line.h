// A line between clients and the server that can lose the answer to a request: the server has done what it
// was asked, and nobody hears of it.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <list>
#include <stdexcept>
#include <thread>

namespace wardline::client::testing {

class LossyLine {
 public:
  /// Listens on one port of this machine and passes everything on to the other.
  LossyLine(std::uint16_t port, std::uint16_t server)
      : server_(server), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = loopback(port);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0)
      throw std::runtime_error("the line's port is taken");
    accepting_ = std::jthread([this](const std::stop_token& stop) { accept(stop); });
  }
  ~LossyLine() {
    accepting_ = {};
    connections_.clear();
    ::close(listener_);
  }
  LossyLine(const LossyLine&) = delete;
  LossyLine& operator=(const LossyLine&) = delete;

  /// The answer to the next request of at least `bytes` is lost, and the line is dead until `mend`.
  void lose_answer_to(std::size_t bytes) { least_ = bytes; }
  void mend() {
    least_ = kNever;
    dead_ = false;
  }
  bool is_dead() const { return dead_; }

 private:
  static constexpr std::size_t kNever = SIZE_MAX;
  static constexpr int kLookMilliseconds = 20;

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void accept(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd look{listener_, POLLIN, 0};
      if (::poll(&look, 1, kLookMilliseconds) <= 0) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      connections_.emplace_back([this, client](const std::stop_token& end) { carry(end, client); });
    }
  }

  void carry(const std::stop_token& stop, int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = loopback(server_);
    const bool connected =
        !dead_ && ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    std::size_t asked = 0;  // bytes since the server last said something
    for (bool open = connected; open && !dead_ && !stop.stop_requested();) {
      std::array<pollfd, 2> look{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
      if (::poll(look.data(), look.size(), kLookMilliseconds) <= 0) continue;
      if (look[0].revents != 0) open = pass(client, server, asked);
      if (open && look[1].revents != 0) {
        if (asked >= least_) {
          dead_ = true;
          break;
        }
        asked = 0;
        std::size_t said = 0;
        open = pass(server, client, said);
      }
    }
    ::close(server);
    ::close(client);
  }

  /// False at the end of what comes.
  static bool pass(int from, int to, std::size_t& count) {
    std::array<char, 16 * 1024> bytes;
    const auto got = ::recv(from, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    count += static_cast<std::size_t>(got);
    for (std::ptrdiff_t sent = 0; sent < got;) {
      const auto more = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
      if (more <= 0) return false;
      sent += more;
    }
    return true;
  }

  const std::uint16_t server_;
  const int listener_;
  std::atomic<std::size_t> least_ = kNever;
  std::atomic<bool> dead_ = false;
  std::list<std::jthread> connections_;  // touched by `accepting_`, and after its end
  std::jthread accepting_;
};

}  // namespace wardline::client::testing
