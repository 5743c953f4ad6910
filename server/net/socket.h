// One WebSocket connection (RFC 6455) as the rest of the server sees it: send, close, and what it reports.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace wardline::net {

/// RFC 6455 §7.4.1, and ours from 4000 up (§7.4.2).
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,  ///< The server drains.
  protocol_error = 1002,
  unsupported_data = 1003,
  abnormal = 1006,  ///< Only ever reported: the connection went away without a close frame.
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  internal_error = 1011,
  try_again_later = 1013,
  session_ended = 4401,  ///< Signed out, locked or revoked: sign in before connecting again.
  too_slow = 4408,       ///< Never caught up with its queue.
};

enum class MessageKind : std::uint8_t { text, binary };

/// A message that several sockets may share: fan-out does not copy it.
using SharedMessage = std::shared_ptr<const std::string>;

enum class SendResult : std::uint8_t {
  queued,
  /// Not queued: the peer is behind. `SocketHandler::on_caught_up` tells when to go on, from the log.
  behind,
  closed,
};

/// A handle that may be kept and used from any thread; once the connection is gone it only says so.
class Socket {
 public:
  virtual ~Socket() = default;
  virtual SendResult send(MessageKind kind, SharedMessage message) = 0;
  SendResult send_text(std::string message) {
    return send(MessageKind::text, std::make_shared<const std::string>(std::move(message)));
  }
  SendResult send_binary(std::string message) {
    return send(MessageKind::binary, std::make_shared<const std::string>(std::move(message)));
  }
  /// Sends what is queued, then the close frame, and waits a moment for the peer's. `reason` is a text of
  /// ours.
  virtual void close(CloseCode code, std::string_view reason) = 0;
  /// Stops and resumes reading from the peer: TCP then slows the sender down.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
};

/// Who uses a socket. All calls come from the one network thread of the connection, one at a time; they must
/// not block.
class SocketHandler {
 public:
  virtual ~SocketHandler() = default;
  virtual void on_open(std::shared_ptr<Socket> socket) = 0;
  /// Text has been checked to be UTF-8. The view lives until the call returns.
  virtual void on_message(MessageKind kind, std::string_view message) = 0;
  /// After a `send` that answered `behind`: the queue has room again.
  virtual void on_caught_up() {}
  /// The last call.
  virtual void on_closed(CloseCode code) = 0;
};

}  // namespace wardline::net
