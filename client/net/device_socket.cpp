#include "client/net/device_socket.h"

#include <array>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http.hpp>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "client/net/socket_frames.h"
#include "lib/bytes/text.h"

namespace wardline::client {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kRecord = 16 * 1024;
constexpr std::size_t kMostBytes = 8U << 20;

/// OpenSSL works on the socket itself, and what is sent in one turn of the loop shares records: a load
/// generator has thousands of these beside the server that it measures.
class TlsDeviceSocket final : public DeviceSocket,
                              public std::enable_shared_from_this<TlsDeviceSocket>,
                              private FrameEvents {
 public:
  TlsDeviceSocket(asio::io_context& loop, asio::ssl::context& tls, ServerUrl url, std::string cookie,
                  SocketEvents events)
      : loop_(loop),
        url_(std::move(url)),
        cookie_(std::move(cookie)),
        events_(std::move(events)),
        resolver_(loop),
        socket_(loop),
        ssl_(SSL_new(tls.native_handle())) {}

  void start() {
    resolver_.async_resolve(
        url_.host, url_.port, [self = shared_from_this()](error_code bad, const auto& found) {
          if (bad) return self->closed(bad.message());
          asio::async_connect(self->socket_, found, [self](error_code failed, const auto&) {
            if (failed) return self->closed(failed.message());
            self->connected();
          });
        });
  }

  void send(std::string text) override {
    if (state_ == State::ended) return;
    append_masked_frame(state_ == State::open ? outbound_ : early_, Opcode::text, text);
    if (state_ == State::open) flush_soon();
  }

  void close() override {
    if (state_ != State::open) return;
    state_ = State::closing;
    append_masked_frame(outbound_, Opcode::close, "\x03\xe8");  // RFC 6455 §7.4.1: 1000, normal.
    flush_soon();
  }

 private:
  enum class State : std::uint8_t { connecting, upgrading, open, closing, ended };
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  void connected() {
    error_code bad;
    socket_.non_blocking(true, bad);
    if (!bad) socket_.set_option(asio::ip::tcp::no_delay(true), bad);
    if (bad || !ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1 || !expect_host())
      return closed("TLS cannot be set up");
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_read_ahead(ssl_.get(), 1);
    SSL_set_connect_state(ssl_.get());
    shake_hands();
  }

  /// The certificate has to name the host, or its address.
  bool expect_host() {
    error_code no_address;
    asio::ip::make_address(url_.host, no_address);
    if (!no_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), url_.host.c_str()) == 1;
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl_.get(), url_.host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl_.get(), url_.host.c_str()) == 1;
  }

  void shake_hands() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) return when_ready(SSL_get_error(ssl_.get(), result), &TlsDeviceSocket::shake_hands);
    ask_for_upgrade();
    flush();
    read();
  }

  void ask_for_upgrade() {
    std::array<std::uint8_t, 16> nonce{};
    if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1) return closed("no random bytes");
    key_ = to_base64(nonce);
    outbound_ =
        "GET /v1/socket HTTP/1.1\r\nHost: " + (url_.port == "443" ? url_.host : url_.host + ":" + url_.port) +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
        key_ + "\r\nOrigin: " + url_.origin() + "\r\nCookie: " + cookie_ + "\r\n\r\n";
    state_ = State::upgrading;
  }

  /// Takes the server's answer off `data`. False while it is not complete, or once it is known to be no.
  bool take_answer(std::string_view& data) {
    answer_ += data;
    const std::size_t end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (answer_.size() > kRecord) closed("the server's answer has no end");
      return false;
    }
    const std::size_t size = end + 4;
    data.remove_prefix(data.size() - (answer_.size() - size));
    http::response_parser<http::empty_body> parser;
    error_code bad;
    parser.put(asio::buffer(answer_.data(), size), bad);
    const auto& response = parser.get();
    if (bad || response.result_int() != 101 ||
        response[http::field::sec_websocket_accept] != accept_key(key_)) {
      closed("the server answered " + std::to_string(response.result_int()));
      return false;
    }
    state_ = State::open;
    answer_ = std::string();
    outbound_ += std::exchange(early_, {});
    return true;
  }

  void read() {
    thread_local std::array<char, kRecord> buffer;
    const auto keep = shared_from_this();
    in_read_ = true;
    int result = 0;
    while (state_ != State::ended) {
      ERR_clear_error();
      result = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (result <= 0) break;
      std::string_view data(buffer.data(), static_cast<std::size_t>(result));
      if (state_ == State::upgrading && !take_answer(data)) continue;
      if (!reader_.feed(data, *this)) closed("the server has broken the protocol");
      if (SSL_has_pending(ssl_.get()) == 0) break;  // What comes now, the wait below hears of.
    }
    in_read_ = false;
    // Asked before anything is written: OpenSSL answers for its last call only.
    const int why = result > 0 ? SSL_ERROR_WANT_READ : SSL_get_error(ssl_.get(), result);
    // What was read has been answered by now: all of it goes out together.
    flush();
    if (state_ != State::ended) when_ready(why, &TlsDeviceSocket::read);
  }

  void flush_soon() {
    if (in_read_ || std::exchange(flush_posted_, true)) return;
    asio::post(loop_, [self = shared_from_this()] {
      self->flush_posted_ = false;
      self->flush();
    });
  }

  void flush() {
    while (!waiting_to_write_ && state_ != State::ended && sent_ < outbound_.size()) {
      ERR_clear_error();
      const int size = static_cast<int>(std::min(outbound_.size() - sent_, kRecord));
      const int result = SSL_write(ssl_.get(), outbound_.data() + sent_, size);
      if (result > 0) {
        sent_ += static_cast<std::size_t>(result);
      } else {
        waiting_to_write_ = true;
        when_ready(SSL_get_error(ssl_.get(), result), &TlsDeviceSocket::go_on_writing);
      }
    }
    if (sent_ != outbound_.size()) return;
    outbound_.clear();
    sent_ = 0;
  }

  void go_on_writing() {
    waiting_to_write_ = false;
    flush();
  }

  /// `why` SSL_get_error gave for what is to be tried again.
  void when_ready(int why, void (TlsDeviceSocket::*then)()) {
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
      const long verdict = SSL_get_verify_result(ssl_.get());
      return closed(verdict == X509_V_OK ? "the connection has ended"
                                         : X509_verify_cert_error_string(verdict));
    }
    const auto wait =
        why == SSL_ERROR_WANT_WRITE ? asio::socket_base::wait_write : asio::socket_base::wait_read;
    socket_.async_wait(wait, [self = shared_from_this(), then](error_code bad) {
      if (self->state_ == State::ended) return;
      if (bad) return self->closed(bad.message());
      (self.get()->*then)();
    });
  }

  void on_text_message(std::string_view text) override {
    if (state_ == State::open) events_.on_text(text);
  }
  void on_ping(std::string_view data) override {
    append_masked_frame(outbound_, Opcode::pong, data);
    flush_soon();
  }
  void on_close_frame() override { closed("closed by the server"); }

  void closed(std::string_view why) {
    if (state_ == State::ended) return;
    state_ = State::ended;
    error_code ignored;
    socket_.close(ignored);
    if (auto tell = std::exchange(events_.on_closed, nullptr)) tell(why);
  }

  asio::io_context& loop_;
  const ServerUrl url_;
  const std::string cookie_;
  SocketEvents events_;
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  State state_ = State::connecting;
  std::string key_;
  std::string answer_;  ///< The server's answer to the upgrade, as far as it has come.
  FrameReader reader_{kMostBytes};
  std::string early_;     ///< Frames that wait until the socket is open.
  std::string outbound_;  ///< From `sent_` on.
  std::size_t sent_ = 0;
  bool in_read_ = false;
  bool flush_posted_ = false;
  bool waiting_to_write_ = false;
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
