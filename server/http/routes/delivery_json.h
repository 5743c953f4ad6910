// The JSON shapes of conversations, entries and receipts (docs/api.md).
#pragma once

#include "server/delivery/append_batch.h"
#include "server/delivery/conversations.h"
#include "server/delivery/notice.h"
#include "server/http/json.h"
#include "server/net/socket.h"

namespace wardline::http {

json::object to_json(const delivery::ConversationView& view);
json::object to_json(const delivery::ReceiptMarks& marks);

/// An Entry as a JSON text.
std::string entry_text(const delivery::LogEntry& entry);
/// The `entry` frame of the socket of `device`, made once however many devices receive it. Who sent a message
/// gets it without its body: they have it, and cannot open it (docs/decisions/0024).
net::SharedMessage entry_frame(const delivery::LogEntryPtr& entry, core::DeviceId device);
/// The `sent` frame: the answer to a send.
std::string sent_frame(std::int64_t ref, core::ConversationId conversation, const delivery::Sent& sent);
std::string notice_frame(const delivery::Notice& notice);

}  // namespace wardline::http
