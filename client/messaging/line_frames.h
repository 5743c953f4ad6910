// What a device says on its socket (docs/api.md, "The socket"), in text: the one way to write these frames,
// for everybody who holds a line.
#pragma once

#include <span>
#include <string>

#include "client/messaging/api.h"

namespace wardline::client {

/// How far a device has a conversation's log.
struct LineCursor {
  std::string conversation_id;
  std::uint64_t after = 0;
};

std::string hello_frame(std::span<const LineCursor> cursors);

/// Written without a document in between: thousands a second cost a load generator nothing to speak of.
std::string send_frame(std::int64_t ref, std::string_view conversation_id, const NewMessage& message);

std::string ping_frame(std::int64_t ref);

}  // namespace wardline::client
