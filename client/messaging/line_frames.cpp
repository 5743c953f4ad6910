#include "client/messaging/line_frames.h"

#include <boost/json/serialize.hpp>

#include "lib/bytes/text.h"

namespace wardline::client {

std::string hello_frame(std::span<const LineCursor> cursors) {
  json::array places;
  for (const LineCursor& each : cursors)
    places.push_back(json::object{{"conversation_id", each.conversation_id}, {"after", each.after}});
  return json::serialize(json::object{{"type", "hello"}, {"cursors", std::move(places)}});
}

// Nothing in it needs an escape: ids are UUIDs, and the message is base64url.
std::string send_frame(std::int64_t ref, std::string_view conversation_id, const NewMessage& message) {
  std::string text;
  text.reserve(message.message.size() * 4 / 3 + 320);
  text += R"({"type":"send","ref":)";
  text += std::to_string(ref);
  text += R"(,"conversation_id":")";
  text += conversation_id;
  text += R"(","idempotency_id":")";
  text += message.idempotency_id;
  text += R"(","epoch":)";
  text += std::to_string(message.epoch);
  text += R"(,"priority":")";
  text += name_of(message.priority);
  text += R"(","needs_acknowledgement":)";
  text += message.needs_acknowledgement ? "true" : "false";
  text += R"(,"message":")";
  text += to_base64url(message.message);
  text += R"("})";
  return text;
}

std::string ping_frame(std::int64_t ref) {
  return json::serialize(json::object{{"type", "ping"}, {"ref", ref}});
}

}  // namespace wardline::client
