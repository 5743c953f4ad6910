// A blocking HTTPS client for our own API: JSON or parts of files in and out, the session cookie kept.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "client/net/asio_types.h"
#include "client/net/url.h"

namespace wardline::client {

/// What went wrong, in words for people. `status` is 0 where no answer came.
struct HttpError {
  int status = 0;
  std::string code;  ///< the last part of the problem type, e.g. "stale-epoch"
  std::string detail;
};

struct HttpRequest {
  std::string_view method;
  std::string_view path;
  std::string_view body = {};  ///< empty for none
  std::string_view content_type = "application/json";
  std::string_view content_range = {};  ///< RFC 9110 §14.4: which bytes the body has
  std::string_view range = {};          ///< §14.2: which bytes are asked for
};

struct HttpAnswer {
  std::string body;
  std::string content_range;  ///< empty if there is none
};

class HttpsClient {
 public:
  /// `tls` outlives the object. Connects with the first request. `cookie`: that of a session to go on with.
  HttpsClient(ServerUrl url, boost::asio::ssl::context& tls, std::string cookie = {});
  ~HttpsClient();

  /// A 2xx answer; an RFC 9457 problem or a failed connection becomes an HttpError. A kept connection that
  /// has gone is opened again once. A server that is silent for a minute is given up.
  std::expected<HttpAnswer, HttpError> exchange(const HttpRequest& request);
  /// The body of the answer to JSON, or to nothing.
  std::expected<std::string, HttpError> request(std::string_view method, std::string_view path,
                                                std::string_view body = {});

  /// The session cookie as received, "name=value"; empty before sign-in.
  const std::string& cookie() const { return cookie_; }
  /// Takes up another session, or none.
  void set_cookie(std::string cookie) { cookie_ = std::move(cookie); }
  const ServerUrl& url() const { return url_; }

 private:
  struct Connection;
  std::expected<HttpAnswer, HttpError> attempt(const HttpRequest& request);

  const ServerUrl url_;
  boost::asio::ssl::context& tls_;
  std::unique_ptr<Connection> connection_;
  std::string cookie_;
};

}  // namespace wardline::client
