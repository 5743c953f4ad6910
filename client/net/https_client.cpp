#include "client/net/https_client.h"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json/parse.hpp>

namespace wardline::client {

namespace asio = boost::asio;
namespace http = boost::beast::http;

struct HttpsClient::Connection {
  explicit Connection(asio::ssl::context& tls) : stream(io, tls) {}

  /// Runs one asynchronous step to its end, or for a minute. Asio's blocking calls know no time.
  template <class Start>
  void step(const Start& start) {
    boost::system::error_code result;
    boost::beast::get_lowest_layer(stream).expires_after(std::chrono::minutes(1));
    start([&result](boost::system::error_code code, auto&&...) { result = code; });
    io.restart();
    io.run();
    if (result) throw boost::system::system_error(result);
  }

  asio::io_context io;
  boost::beast::ssl_stream<boost::beast::tcp_stream> stream;
  boost::beast::flat_buffer buffer;
};

namespace {

HttpError problem_of(int status, std::string_view body) {
  HttpError error{status, "unknown", "The server answered " + std::to_string(status) + "."};
  boost::system::error_code bad;
  const auto json = boost::json::parse(body, bad);
  if (bad || !json.is_object()) return error;
  if (const auto* type = json.as_object().if_contains("type"); type && type->is_string()) {
    const std::string_view text = type->as_string();
    error.code = text.substr(text.rfind(':') + 1);
  }
  if (const auto* detail = json.as_object().if_contains("detail"); detail && detail->is_string())
    error.detail = detail->as_string();
  return error;
}

}  // namespace

HttpsClient::HttpsClient(ServerUrl url, asio::ssl::context& tls, std::string cookie)
    : url_(std::move(url)), tls_(tls), cookie_(std::move(cookie)) {}
HttpsClient::~HttpsClient() = default;

std::expected<std::string, HttpError> HttpsClient::request(std::string_view method, std::string_view path,
                                                           std::string_view body) {
  auto answer = exchange({.method = method, .path = path, .body = body});
  if (!answer) return std::unexpected(std::move(answer.error()));
  return std::move(answer->body);
}

std::expected<HttpAnswer, HttpError> HttpsClient::exchange(const HttpRequest& request) {
  const bool was_open = connection_ != nullptr;
  auto answer = attempt(request);
  if (!answer && answer.error().status == 0 && was_open) answer = attempt(request);
  return answer;
}

std::expected<HttpAnswer, HttpError> HttpsClient::attempt(const HttpRequest& asked) {
  try {
    if (!connection_) {
      connection_ = std::make_unique<Connection>(tls_);
      auto& stream = connection_->stream;
      auto& tcp = boost::beast::get_lowest_layer(stream);
      asio::ip::tcp::resolver resolver(connection_->io);
      const auto found = resolver.resolve(url_.host, url_.port);
      connection_->step([&](auto done) { tcp.async_connect(found, std::move(done)); });
      tcp.socket().set_option(asio::ip::tcp::no_delay(true));
      SSL_set_tlsext_host_name(stream.native_handle(), url_.host.c_str());
      stream.set_verify_callback(asio::ssl::host_name_verification(url_.host));
      connection_->step(
          [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, std::move(done)); });
    }
    http::request<http::string_body> request(http::string_to_verb(asked.method), asked.path, 11);
    request.set(http::field::host, url_.port == "443" ? url_.host : url_.host + ":" + url_.port);
    request.set(http::field::origin, url_.origin());
    if (!cookie_.empty()) request.set(http::field::cookie, cookie_);
    if (!asked.range.empty()) request.set(http::field::range, asked.range);
    if (!asked.content_range.empty()) request.set(http::field::content_range, asked.content_range);
    if (!asked.body.empty()) {
      request.set(http::field::content_type, asked.content_type);
      request.body() = asked.body;
    }
    request.prepare_payload();
    auto& stream = connection_->stream;
    connection_->step([&](auto done) { http::async_write(stream, request, std::move(done)); });
    http::response_parser<http::string_body> parser;
    parser.body_limit(64U << 20);
    connection_->step(
        [&](auto done) { http::async_read(stream, connection_->buffer, parser, std::move(done)); });
    auto& response = parser.get();
    if (const auto set = response.find(http::field::set_cookie); set != response.end()) {
      const std::string_view value(set->value().data(), set->value().size());
      cookie_ = value.substr(0, value.find(';'));
    }
    if (!response.keep_alive()) connection_.reset();
    const int status = response.result_int();
    if (status < 200 || status >= 300) return std::unexpected(problem_of(status, response.body()));
    const auto range = response.find(http::field::content_range);
    return HttpAnswer{std::move(response.body()),
                      range == response.end() ? std::string() : std::string(range->value())};
  } catch (const boost::system::system_error& failure) {
    connection_.reset();
    return std::unexpected(HttpError{0, "no-connection", failure.code().message()});
  }
}

}  // namespace wardline::client
