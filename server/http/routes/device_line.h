// What is said to a device on its socket besides entries of logs. Entries are never left out: a feed gives
// them again (server/delivery/feed.h). Anything else that finds the queue of a slow device full is left out,
// and the device is told so once it has read on: it then fetches what it may have missed.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "server/net/socket.h"

namespace wardline::http {

class DeviceLine {
 public:
  explicit DeviceLine(std::shared_ptr<net::Socket> socket) : socket_(std::move(socket)) {}

  /// What will be said again if there is no room for it now: false if the queue is full, and nothing was
  /// queued.
  bool deliver(net::SharedMessage frame) {
    return socket_->send(net::MessageKind::text, std::move(frame)) != net::SendResult::behind;
  }
  /// What matters and may be left out.
  void say(std::string frame) {
    const std::lock_guard lock(mutex_);
    if (socket_->send_text(std::move(frame)) == net::SendResult::behind) left_out_ = true;
  }
  /// What is of no use later.
  void mention(std::string frame) { socket_->send_text(std::move(frame)); }
  /// The queue has room again.
  void on_caught_up() {
    const std::lock_guard lock(mutex_);
    if (left_out_) left_out_ = socket_->send_text(R"({"type":"behind"})") == net::SendResult::behind;
  }
  void close(net::CloseCode code, std::string_view reason) { socket_->close(code, reason); }

 private:
  const std::shared_ptr<net::Socket> socket_;
  // Held while sending: that the queue has room again is told after a refusal was noted, never in between.
  std::mutex mutex_;
  bool left_out_ = false;
};

}  // namespace wardline::http
