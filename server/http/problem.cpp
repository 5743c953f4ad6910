#include "server/http/problem.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/core/log.h"

namespace wardline::http {
namespace {

struct Kind {
  int status;
  std::string_view title;
};

Kind kind_of(core::ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return {400, "The request cannot be understood"};
    case ErrorKind::unauthenticated:
      return {401, "Sign in first"};
    case ErrorKind::denied:
      return {403, "Not permitted"};
    case ErrorKind::not_found:
      return {404, "Not found"};
    case ErrorKind::conflict:
      return {409, "The state has moved on"};
    case ErrorKind::too_large:
      return {413, "Too large"};
    case ErrorKind::rejected:
      return {422, "Against the rules of the protocol"};
    case ErrorKind::rate_limited:
      return {429, "Too often"};
    case ErrorKind::internal:
      return {500, "Something went wrong on the server"};
    case ErrorKind::unavailable:
      return {503, "Not available for the moment"};
    case ErrorKind::storage_full:
      return {507, "No space left on the server"};
  }
  return {500, "Something went wrong on the server"};
}

}  // namespace

int status_of(core::ErrorKind kind) { return kind_of(kind).status; }

std::string problem_json(const core::Error& error, RequestId request_id, std::optional<int> status) {
  const auto [usual_status, title] = kind_of(error.kind);
  boost::json::object document;
  const std::string_view code = error.kind == ErrorKind::internal ? "internal" : error.code;
  document["type"] = "urn:wardline:problem:" + std::string(code);
  document["title"] = title;
  document["status"] = status.value_or(usual_status);
  document["detail"] =
      error.kind == ErrorKind::internal
          ? "The request could not be completed. The operator's log has the reason under this request id."
          : std::string_view(error.detail);
  document["request_id"] = request_id.to_string();
  if (error.kind != ErrorKind::internal)
    for (const auto& [name, value] : error.facts) document[name] = value;
  return boost::json::serialize(document);
}

Response problem(const core::Error& error, RequestId request_id, std::optional<int> status) {
  if (error.kind == ErrorKind::internal)
    core::log::error("request-failed", {{"request", request_id},
                                        {"code", core::log::Technical{error.code}},
                                        {"detail", core::log::Technical{error.detail}}});
  Response response{.status = status.value_or(status_of(error.kind))};
  response.set("content-type", "application/problem+json");
  response.set("cache-control", "no-store");
  for (const auto& [name, value] : error.facts)
    if (name == "retry_after_seconds") response.set("retry-after", std::to_string(value));
  response.body = problem_json(error, request_id, status);
  return response;
}

}  // namespace wardline::http
