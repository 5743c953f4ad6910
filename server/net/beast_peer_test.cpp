// Beast's own client as an independent peer: what two implementations agree on, neither made up.
#include <random>

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <gtest/gtest.h>

#include "server/net/testing/fixture.h"

namespace wardline::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using testing::RunningServer;
using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

class BeastPeer : public ::testing::Test {
 protected:
  TlsStream connect() {
    TlsStream stream(context_, tls_);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), running_.port()});
    stream.handshake(asio::ssl::stream_base::client);
    return stream;
  }
  RunningServer running_;
  asio::io_context context_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
};

TEST_F(BeastPeer, ExchangesMessagesOfManySizesBothWays) {
  beast::websocket::stream<TlsStream> socket(connect());
  beast::websocket::permessage_deflate deflate;  // Offered, and not taken up.
  deflate.client_enable = true;
  socket.set_option(deflate);
  socket.handshake("localhost", "/socket");
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string message(i < 3 ? 0 : random() % (i % 10 == 0 ? 250'000 : 2'000), '\0');
    for (char& c : message) c = static_cast<char>(' ' + random() % 90);
    socket.binary(i % 2 == 0);
    socket.auto_fragment(i % 3 == 0);
    socket.write(asio::buffer(message));
    beast::flat_buffer received;
    socket.read(received);
    ASSERT_EQ(beast::buffers_to_string(received.data()), message);
    ASSERT_EQ(socket.got_binary(), i % 2 == 0);
  }
}

TEST_F(BeastPeer, AgreesOnPingsAndOnTheClose) {
  beast::websocket::stream<TlsStream> socket(connect());
  socket.handshake("localhost", "/socket");
  std::string pong;
  socket.control_callback([&](beast::websocket::frame_type kind, beast::string_view payload) {
    if (kind == beast::websocket::frame_type::pong) pong = payload;
  });
  socket.ping("still there");
  socket.write(asio::buffer(std::string("x")));
  beast::flat_buffer received;
  socket.read(received);
  EXPECT_EQ(pong, "still there");
  socket.close(beast::websocket::close_reason(static_cast<beast::websocket::close_code>(4000), "done"));
  const auto log = running_.service.last_socket();
  ASSERT_TRUE(log->wait([&] { return log->closed.has_value(); }));
  EXPECT_EQ(static_cast<int>(*log->closed), 4000);
}

TEST_F(BeastPeer, ParsesOurAnswersToItsRequests) {
  namespace http = beast::http;
  TlsStream stream = connect();
  beast::flat_buffer buffer;
  for (const bool chunked : {false, true, false}) {
    http::request<http::string_body> request(http::verb::post, "/echo?a=b", 11, std::string(5'000, 'b'));
    request.set(http::field::host, "localhost");
    chunked ? request.chunked(true) : request.prepare_payload();
    http::write(stream, request);
    http::response<http::string_body> response;
    http::read(stream, buffer, response);
    EXPECT_EQ(response.result_int(), 200u);
    EXPECT_EQ(response.body(), request.body());
    EXPECT_TRUE(response.keep_alive());
  }
}

}  // namespace
}  // namespace wardline::net
