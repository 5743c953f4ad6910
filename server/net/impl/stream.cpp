#include "server/net/impl/stream.h"

#include <sys/socket.h>

#include <openssl/err.h>

namespace wardline::net {

Stream::Stream(TcpSocket socket, SSL_CTX* context) : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!context) return;
  ssl_.reset(SSL_new(context));
  if (ssl_ && SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) ssl_.reset();
  if (ssl_)
    SSL_set_accept_state(ssl_.get());
  else
    socket_.close(ignored);  // Out of memory: the handshake then fails.
}

Stream::Outcome Stream::classify(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return {Status::done, static_cast<std::size_t>(result)};
    case SSL_ERROR_WANT_READ:
      return {Status::wants_read};
    case SSL_ERROR_WANT_WRITE:
      return {Status::wants_write};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::closed};
    default:
      return {Status::failed};
  }
}

Stream::Outcome Stream::classify_errno(ssize_t result) {
  if (result > 0) return {Status::done, static_cast<std::size_t>(result)};
  if (result == 0) return {Status::closed};
  return {errno == EAGAIN || errno == EWOULDBLOCK ? Status::wants_read : Status::failed};
}

Stream::Outcome Stream::handshake() {
  if (!ssl_) return {socket_.is_open() ? Status::done : Status::failed};
  ERR_clear_error();
  return classify(SSL_do_handshake(ssl_.get()));
}

Stream::Outcome Stream::read(std::span<std::uint8_t> into) {
  if (!ssl_) return classify_errno(::recv(socket_.native_handle(), into.data(), into.size(), 0));
  ERR_clear_error();
  return classify(SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())));
}

Stream::Outcome Stream::write(std::string_view data) {
  if (ssl_) {
    ERR_clear_error();
    return classify(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())));
  }
  auto outcome = classify_errno(::send(socket_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL));
  if (outcome.status == Status::wants_read) outcome.status = Status::wants_write;
  return outcome;
}

void Stream::keep_buffers(bool keep) {
  if (!ssl_) return;
  if (keep) {
    SSL_clear_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
  } else {
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_free_buffers(ssl_.get());  // If something is in them, the next record lets them go.
  }
}

void Stream::finish_sending() {
  if (ssl_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  boost::system::error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace wardline::net
