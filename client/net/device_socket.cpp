#include "client/net/device_socket.h"

#include <deque>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace wardline::client {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

class TlsDeviceSocket final : public DeviceSocket, public std::enable_shared_from_this<TlsDeviceSocket> {
 public:
  TlsDeviceSocket(asio::io_context& loop, asio::ssl::context& tls, ServerUrl url, std::string cookie,
                  SocketEvents events)
      : url_(std::move(url)),
        cookie_(std::move(cookie)),
        events_(std::move(events)),
        resolver_(loop),
        stream_(loop, tls) {}

  void start() {
    resolver_.async_resolve(
        url_.host, url_.port, [self = shared_from_this()](error_code bad, const auto& found) {
          if (bad) return self->closed(bad);
          asio::async_connect(self->stream_.next_layer().next_layer(), found,
                              [self](error_code failed, const auto&) { self->connected(failed); });
        });
  }

  void send(std::string text) override {
    outbound_.push_back(std::move(text));
    if (open_ && outbound_.size() == 1) write_next();
  }

  void close() override {
    if (!open_) return;
    open_ = false;
    stream_.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) {});
  }

 private:
  void connected(error_code bad) {
    if (bad) return closed(bad);
    auto& tls = stream_.next_layer();
    tls.next_layer().set_option(asio::ip::tcp::no_delay(true));
    SSL_set_tlsext_host_name(tls.native_handle(), url_.host.c_str());
    tls.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    tls.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](error_code failed) {
      if (failed) return self->closed(failed);
      self->upgrade();
    });
  }

  void upgrade() {
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(boost::beast::http::field::cookie, cookie_);
      request.set(boost::beast::http::field::origin, url_.origin());
    }));
    stream_.read_message_max(8U << 20);
    const std::string host = url_.port == "443" ? url_.host : url_.host + ":" + url_.port;
    stream_.async_handshake(host, "/v1/socket", [self = shared_from_this()](error_code bad) {
      if (bad) return self->closed(bad);
      self->open_ = true;
      self->stream_.text(true);
      self->events_.on_open();
      if (!self->outbound_.empty()) self->write_next();
      self->read_next();
    });
  }

  void read_next() {
    stream_.async_read(inbound_, [self = shared_from_this()](error_code bad, std::size_t) {
      if (bad) return self->closed(bad);
      const auto data = self->inbound_.cdata();
      self->events_.on_text({static_cast<const char*>(data.data()), data.size()});
      self->inbound_.consume(self->inbound_.size());
      self->read_next();
    });
  }

  void write_next() {
    stream_.async_write(asio::buffer(outbound_.front()),
                        [self = shared_from_this()](error_code bad, std::size_t) {
                          if (bad) return self->closed(bad);
                          self->outbound_.pop_front();
                          if (!self->outbound_.empty() && self->open_) self->write_next();
                        });
  }

  void closed(error_code why) {
    open_ = false;
    if (auto tell = std::exchange(events_.on_closed, nullptr)) tell(why.message());
  }

  const ServerUrl url_;
  const std::string cookie_;
  SocketEvents events_;
  asio::ip::tcp::resolver resolver_;
  websocket::stream<asio::ssl::stream<asio::ip::tcp::socket>> stream_;
  boost::beast::flat_buffer inbound_;
  std::deque<std::string> outbound_;
  bool open_ = false;
};

}  // namespace

std::shared_ptr<DeviceSocket> DeviceSocket::open(asio::io_context& loop, asio::ssl::context& tls,
                                                 const ServerUrl& url, std::string cookie,
                                                 SocketEvents events) {
  auto socket = std::make_shared<TlsDeviceSocket>(loop, tls, url, std::move(cookie), std::move(events));
  socket->start();
  return socket;
}

}  // namespace wardline::client
