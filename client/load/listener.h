// A device that only listens: the socket is greeted without cursors, and says what comes.
#pragma once

#include "client/load/conversation_setup.h"
#include "client/net/device_socket.h"

namespace wardline::client {

/// Opens it on the loop. If it is closed before `ended` is set, that is told on stderr, once for all who
/// share `ended`, and the loop stops. All of it outlives the socket.
std::shared_ptr<DeviceSocket> listen_as(const LoadDevice& device, boost::asio::io_context& loop,
                                        boost::asio::ssl::context& tls, bool& ended,
                                        std::function<void(std::string_view)> on_text);

}  // namespace wardline::client
