#include "client/load/listener.h"

#include <cstdio>
#include <utility>

namespace wardline::client {

std::shared_ptr<DeviceSocket> listen_as(const LoadDevice& device, boost::asio::io_context& loop,
                                        boost::asio::ssl::context& tls, bool& ended,
                                        std::function<void(std::string_view)> on_text) {
  auto socket = DeviceSocket::open(
      loop, tls, device.https->url(), device.https->cookie(),
      {.on_open = {}, .on_text = std::move(on_text), .on_closed = [&loop, &ended](std::string_view why) {
         if (std::exchange(ended, true)) return;
         std::fprintf(stderr, "A socket was closed: %.*s\n", static_cast<int>(why.size()), why.data());
         loop.stop();
       }});
  socket->send(R"({"type":"hello","cursors":[]})");  // Waits until the socket is open.
  return socket;
}

}  // namespace wardline::client
