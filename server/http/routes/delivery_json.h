// The JSON shapes of conversations, entries and receipts (docs/api.md).
#pragma once

#include "server/delivery/conversations.h"
#include "server/delivery/notice.h"
#include "server/http/json.h"

namespace wardline::http {

json::object to_json(const delivery::ConversationView& view);
json::object to_json(const delivery::LogEntry& entry);
json::object to_json(const delivery::ReceiptMarks& marks);

/// The `entry` frame of the socket, made once however many devices receive it.
const std::string& entry_frame(const delivery::LogEntry& entry);
std::string notice_frame(const delivery::Notice& notice);

}  // namespace wardline::http
