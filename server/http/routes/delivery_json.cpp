#include "server/http/routes/delivery_json.h"

#include <boost/json/serialize.hpp>

#include "server/http/json_text.h"

namespace wardline::http {
namespace {

std::string_view name_of(delivery::ConversationKind kind) {
  return kind == delivery::ConversationKind::direct ? "direct" : "group";
}

std::string_view name_of(delivery::EntryKind kind) {
  switch (kind) {
    case delivery::EntryKind::message:
      return "message";
    case delivery::EntryKind::commit:
      return "commit";
    case delivery::EntryKind::proposal:
      return "proposal";
  }
  return "message";
}

std::string_view name_of(delivery::Priority priority) {
  switch (priority) {
    case delivery::Priority::routine:
      return "routine";
    case delivery::Priority::urgent:
      return "urgent";
    case delivery::Priority::critical:
      return "critical";
  }
  return "routine";
}

json::array words_of(std::string_view comma_separated) {
  json::array words;
  while (!comma_separated.empty()) {
    const std::size_t end = comma_separated.find(',');
    words.push_back(json::string(comma_separated.substr(0, end)));
    comma_separated.remove_prefix(end == std::string_view::npos ? comma_separated.size() : end + 1);
  }
  return words;
}

std::size_t size_of_text(ByteView body) { return 512 + (body.size() + 2) / 3 * 4; }

void write_entry(JsonText& text, const delivery::LogEntry& entry, ByteView body) {
  text.id("conversation_id", entry.conversation);
  text.number("sequence", entry.sequence);
  text.word("kind", name_of(entry.kind));
  if (entry.sender) {
    text.open("sender");
    text.id("user_id", entry.sender->user);
    text.id("device_id", entry.sender->device);
    text.close();
  } else {
    text.null("sender");
  }
  text.number("epoch", entry.epoch);
  text.time("stored_at", entry.stored_at);
  text.word("priority", name_of(entry.priority));
  text.flag("needs_acknowledgement", entry.needs_acknowledgement);
  text.id("idempotency_id", entry.idempotency);
  text.binary("body", body);
}

std::string frame_of(const delivery::LogEntry& entry, ByteView body) {
  JsonText frame(size_of_text(body));
  frame.word("type", "entry");
  write_entry(frame, entry, body);
  return frame.take();
}

}  // namespace

json::object to_json(const delivery::ReceiptMarks& marks) {
  return {{"delivered", marks.delivered}, {"read", marks.read}, {"acknowledged", marks.acknowledged}};
}

json::object to_json(const delivery::ConversationView& view) {
  json::array members;
  for (const delivery::MemberView& member : view.members) {
    json::object item = to_json(member.marks);
    item["user_id"] = to_json(member.user);
    item["joined_sequence"] = member.joined_sequence;
    item["devices"] = member.devices;
    members.push_back(std::move(item));
  }
  json::object mine = to_json(view.mine);
  mine["member"] = view.member;
  mine["joined_sequence"] = view.joined_sequence;
  json::value patient = nullptr;
  if (view.patient) {
    patient = json::object{{"patient_id", to_json(*view.patient)}, {"matched_on", words_of(view.matched_on)}};
  }
  return {{"conversation_id", to_json(view.conversation)},
          {"kind", name_of(view.kind)},
          {"state", view.state == delivery::ConversationState::active ? "active" : "closed"},
          {"created_at", to_json(view.created_at)},
          {"created_by", to_json(view.created_by)},
          {"epoch", view.epoch},
          {"last_sequence", view.last_sequence},
          {"cipher_suite", view.cipher_suite},
          {"members", std::move(members)},
          {"patient", std::move(patient)},
          {"mine", std::move(mine)}};
}

std::string entry_text(const delivery::LogEntry& entry) {
  JsonText text(size_of_text(entry.body));
  write_entry(text, entry, entry.body);
  return text.take();
}

net::SharedMessage entry_frame(const delivery::LogEntryPtr& entry, core::DeviceId device) {
  if (entry->kind == delivery::EntryKind::message && entry->sender && entry->sender->device == device)
    return std::make_shared<const std::string>(frame_of(*entry, {}));
  // The text lives inside the entry: all sockets share one copy of both.
  return {entry, &entry->rendering.get([&] { return frame_of(*entry, entry->body); })};
}

std::string sent_frame(std::int64_t ref, core::ConversationId conversation, const delivery::Sent& sent) {
  JsonText frame(160);
  frame.word("type", "sent");
  frame.number("ref", ref);
  frame.id("conversation_id", conversation);
  frame.number("sequence", sent.sequence);
  frame.time("stored_at", sent.stored_at);
  return frame.take();
}

std::string notice_frame(const delivery::Notice& notice) {
  struct Frames {
    json::object operator()(const delivery::ReceiptsNotice& receipts) const {
      json::object frame = to_json(receipts.marks);
      frame["type"] = "receipts";
      frame["conversation_id"] = to_json(receipts.conversation);
      frame["user_id"] = to_json(receipts.user);
      return frame;
    }
    json::object operator()(const delivery::WelcomeNotice& welcome) const {
      return {{"type", "welcome"}, {"conversation_id", to_json(welcome.conversation)}};
    }
    json::object operator()(const delivery::TypingNotice& typing) const {
      return {{"type", "typing"},
              {"conversation_id", to_json(typing.conversation)},
              {"user_id", to_json(typing.user)}};
    }
    json::object operator()(const delivery::SessionEndedNotice& ended) const {
      return {{"type", "session-ended"}, {"reason", ended.reason}};
    }
  };
  return json::serialize(std::visit(Frames{}, notice));
}

}  // namespace wardline::http
