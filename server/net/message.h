// HTTP requests and responses as plain values: what the rest of the server sees of the network.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/net/address.h"

namespace wardline::net {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
std::string_view name_of(Method method);

/// Header fields in the order of arrival, names in lower case.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The start line and header of a request; known before its body is read.
struct RequestHead {
  Method method = Method::get;
  std::string path;   ///< As sent, still percent-encoded, without the query: "/v1/users/ab%20c".
  std::string query;  ///< Behind the "?", as sent, without it. Never holds PHI: URLs end up in proxies' logs.
  Fields fields = {};
  Address peer;
  bool wants_websocket = false;

  /// The value of the first field of that lower-case name.
  std::optional<std::string_view> field(std::string_view name) const;
};

struct Request : RequestHead {
  std::string body = {};
};

/// An answer. Content-Length, Date and Connection are added on the way out.
struct Response {
  int status = 200;
  Fields fields = {};
  std::string body = {};
  /// Takes the place of `body` where several answers share one buffer (static files).
  std::shared_ptr<const std::string> shared_body = {};

  /// Fields that are the same for many answers, as text of static life: "name: value\r\n…".
  std::string_view constant_fields = {};

  std::string_view content() const { return shared_body ? std::string_view(*shared_body) : body; }
  Response& set(std::string name, std::string value) {
    fields.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// Sends the answer to a request. To be called once, from any thread; dropping it uncalled answers 500.
using Respond = std::move_only_function<void(Response)>;

}  // namespace wardline::net
