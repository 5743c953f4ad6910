// The client end of the device socket (docs/api.md): text frames over TLS, asynchronous, on an event loop
// that is given.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client/net/asio_types.h"
#include "client/net/url.h"

namespace wardline::client {

/// What the socket reports, all on the loop's thread. The view lives until the call returns.
struct SocketEvents {
  std::function<void(std::string_view)> on_text;
  std::function<void(std::string_view why)> on_closed;
};

class DeviceSocket {
 public:
  virtual ~DeviceSocket() = default;
  /// Queues a frame; one from before the socket is open waits for that. To be called on the loop's thread.
  virtual void send(std::string text) = 0;
  virtual void close() = 0;

  /// Begins to connect with this session cookie. The loop and `tls` outlive the socket.
  static std::shared_ptr<DeviceSocket> open(boost::asio::io_context& loop, boost::asio::ssl::context& tls,
                                            const ServerUrl& url, std::string cookie, SocketEvents events);
};

}  // namespace wardline::client
