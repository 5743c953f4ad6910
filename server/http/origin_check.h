// Keeps other web sites from acting with a user's session (CSRF), beside the cookie's SameSite=Strict.
#pragma once

#include <string>
#include <vector>

#include "server/core/error.h"
#include "server/net/message.h"

namespace wardline::http {

class OriginCheck {
 public:
  /// `origins`: those that the web client is served from, "https://wardline.example". Empty: whatever the
  /// request's own Host says.
  explicit OriginCheck(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  /// For requests that change state and for sockets. A request without Origin and without Sec-Fetch-Site
  /// comes from no browser, so no browser's cookie comes with it. Errors: `denied`, "cross-origin".
  core::Result<void> check(const net::RequestHead& head) const;

 private:
  bool is_ours(std::string_view origin, const net::RequestHead& head) const;
  const std::vector<std::string> origins_;
};

}  // namespace wardline::http
