// A TCP connection with TLS, or without it on loopback. OpenSSL works on the socket itself.
//
// Asio's ssl::stream keeps two 17 KB record buffers and a BIO pair of another 34 KB per connection; this
// keeps none, so that ten thousand idle sockets fit (docs/decisions/0006).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <openssl/ssl.h>

#include "server/net/impl/tls_context.h"

namespace wardline::net {

namespace asio = boost::asio;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class Stream {
 public:
  enum class Status : std::uint8_t { done, wants_read, wants_write, closed, failed };
  struct Outcome {
    Status status;
    std::size_t bytes = 0;
  };

  /// Without a context: plain.
  Stream(TcpSocket socket, SSL_CTX* context);
  Stream(Stream&&) noexcept = default;

  Outcome handshake();
  /// Gives `done` with at least one byte, or why there is none.
  Outcome read(std::span<std::uint8_t> into);
  /// May take a part only.
  Outcome write(std::string_view data);
  /// True if a call of `read` may give bytes without the socket becoming readable.
  bool has_buffered() const { return ssl_ && SSL_has_pending(ssl_.get()); }
  /// Whether TLS keeps its two buffers (34 kB) from one record to the next, as a busy connection should: else
  /// each record allocates them, and they are wiped when they are freed.
  void keep_buffers(bool keep);

  /// Calls `then(error)` once the socket is ready for what `status` wants.
  template <class Then>
  void when_ready(Status status, Then then) {
    socket_.async_wait(status == Status::wants_write ? TcpSocket::wait_write : TcpSocket::wait_read,
                       std::move(then));
  }

  /// Says goodbye (close_notify) and that nothing more will be sent; reading goes on.
  void finish_sending();
  /// Closes at once. Waits that are under way end with an error.
  void close();

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Outcome classify(int result);
  Outcome classify_errno(ssize_t result);

  TcpSocket socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace wardline::net
