#include "client/load/listener.h"

#include <cstdio>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "client/messaging/line_frames.h"

namespace wardline::client {

std::shared_ptr<DeviceSocket> listen_as(const LoadDevice& device, boost::asio::io_context& loop,
                                        boost::asio::ssl::context& tls, bool& ended,
                                        std::function<void(std::string_view)> on_text) {
  auto socket = DeviceSocket::open(
      loop, tls, device.https->url(), device.https->cookie(),
      {.on_text = std::move(on_text), .on_closed = [&loop, &ended](std::string_view why) {
         if (std::exchange(ended, true)) return;
         std::fprintf(stderr, "A socket was closed: %.*s\n", static_cast<int>(why.size()), why.data());
         loop.stop();
       }});
  socket->send(hello_frame({}));
  return socket;
}

}  // namespace wardline::client
