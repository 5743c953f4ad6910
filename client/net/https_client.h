// A blocking HTTPS client for our own API: JSON in and out, the session cookie kept.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ssl/context.hpp>

#include "client/net/url.h"

namespace wardline::client {

/// What went wrong, in words for people. `status` is 0 where no answer came.
struct HttpError {
  int status = 0;
  std::string code;  ///< the last part of the problem type, e.g. "stale-epoch"
  std::string detail;
};

class HttpsClient {
 public:
  /// `tls` outlives the object. Connects with the first request. `cookie`: that of a session to go on with.
  HttpsClient(ServerUrl url, boost::asio::ssl::context& tls, std::string cookie = {});
  ~HttpsClient();

  /// Returns the body of a 2xx answer; an RFC 9457 problem or a failed connection becomes an HttpError.
  /// `body` is JSON, or empty for none. A kept connection that has gone is opened again once. A server that
  /// is silent for a minute is given up.
  std::expected<std::string, HttpError> request(std::string_view method, std::string_view path,
                                                std::string_view body = {});

  /// The session cookie as received, "name=value"; empty before sign-in.
  const std::string& cookie() const { return cookie_; }
  /// Takes up another session, or none.
  void set_cookie(std::string cookie) { cookie_ = std::move(cookie); }
  const ServerUrl& url() const { return url_; }

 private:
  struct Connection;
  std::expected<std::string, HttpError> attempt(std::string_view method, std::string_view path,
                                                std::string_view body);

  const ServerUrl url_;
  boost::asio::ssl::context& tls_;
  std::unique_ptr<Connection> connection_;
  std::string cookie_;
};

}  // namespace wardline::client
