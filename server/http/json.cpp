#include "server/http/json.h"

#include <boost/json/serialize.hpp>

namespace wardline::http {

net::Response json_response(const json::object& value, int status) {
  return json_text_response(json::serialize(value), status);
}

net::Response json_text_response(std::string text, int status) {
  net::Response response{.status = status};
  response.set("content-type", "application/json");
  response.set("cache-control", "no-store");
  response.body = std::move(text);
  return response;
}

net::Response no_content() { return net::Response{.status = 204}; }

}  // namespace wardline::http
