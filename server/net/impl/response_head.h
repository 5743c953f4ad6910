// Puts the start line and header of an answer together.
#pragma once

#include <string>
#include <string_view>

#include "server/net/message.h"

namespace wardline::net {

std::string_view reason_of(int status);

struct HeadOptions {
  std::string_view date;
  bool keep_alive = true;
};

/// Appends the head, with Content-Length, Date and Connection. Fields that would break the header (a line
/// feed in a value) are left out: that is a bug of whoever set them, and must not become a second answer.
void append_response_head(std::string& to, const Response& response, const HeadOptions& options);

/// The answer that turns the connection into a WebSocket (RFC 6455 §4.2.2).
std::string upgrade_response(std::string_view accept_key, std::string_view protocol);

}  // namespace wardline::net
