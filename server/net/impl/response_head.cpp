#include "server/net/impl/response_head.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/core/log.h"

namespace wardline::net {
namespace {

bool breaks_header(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace

std::string_view reason_of(int status) {
  static constexpr std::pair<int, std::string_view> reasons[] = {{101, "Switching Protocols"},
                                                                 {200, "OK"},
                                                                 {201, "Created"},
                                                                 {202, "Accepted"},
                                                                 {204, "No Content"},
                                                                 {206, "Partial Content"},
                                                                 {301, "Moved Permanently"},
                                                                 {302, "Found"},
                                                                 {303, "See Other"},
                                                                 {304, "Not Modified"},
                                                                 {307, "Temporary Redirect"},
                                                                 {400, "Bad Request"},
                                                                 {401, "Unauthorized"},
                                                                 {403, "Forbidden"},
                                                                 {404, "Not Found"},
                                                                 {405, "Method Not Allowed"},
                                                                 {406, "Not Acceptable"},
                                                                 {408, "Request Timeout"},
                                                                 {409, "Conflict"},
                                                                 {410, "Gone"},
                                                                 {412, "Precondition Failed"},
                                                                 {413, "Content Too Large"},
                                                                 {415, "Unsupported Media Type"},
                                                                 {416, "Range Not Satisfiable"},
                                                                 {422, "Unprocessable Content"},
                                                                 {426, "Upgrade Required"},
                                                                 {429, "Too Many Requests"},
                                                                 {431, "Request Header Fields Too Large"},
                                                                 {500, "Internal Server Error"},
                                                                 {501, "Not Implemented"},
                                                                 {503, "Service Unavailable"},
                                                                 {505, "HTTP Version Not Supported"},
                                                                 {507, "Insufficient Storage"}};
  for (const auto& [number, reason] : reasons)
    if (number == status) return reason;
  return "Status";
}

void append_response_head(std::string& to, const Response& response, const HeadOptions& options) {
  fmt::format_to(std::back_inserter(to), "HTTP/1.1 {} {}\r\ndate: {}\r\n", response.status,
                 reason_of(response.status), options.date);
  for (const auto& [name, value] : response.fields) {
    if (breaks_header(name) || breaks_header(value)) {
      core::log::error("response-field-dropped", {{"status", response.status}});
      continue;
    }
    to.append(name).append(": ").append(value).append("\r\n");
  }
  to += response.constant_fields;
  // RFC 9110 §8.6: a 204 or 304 says nothing of a length.
  if (response.status != 204 && response.status != 304)
    fmt::format_to(std::back_inserter(to), "content-length: {}\r\n", response.content().size());
  if (!options.keep_alive) to += "connection: close\r\n";
  to += "\r\n";
}

std::string upgrade_response(std::string_view accept_key, std::string_view protocol) {
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: "
      "upgrade\r\nsec-websocket-accept: ";
  head.append(accept_key).append("\r\n");
  if (!protocol.empty()) head.append("sec-websocket-protocol: ").append(protocol).append("\r\n");
  return head + "\r\n";
}

}  // namespace wardline::net
