// Calls about conversations and their logs.
#include "client/messaging/api_answer.h"
#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

Marks read_marks(Fields f) { return {f.number("delivered"), f.number("read"), f.number("acknowledged")}; }

ServerConversation read_conversation(Fields f) {
  ServerConversation conversation{
      .conversation_id = f.id("conversation_id"),
      .kind = static_cast<ConversationKind>(f.choice("kind", {"direct", "group"})),
      .closed = f.choice("state", {"active", "closed"}) == 1,
      .last_sequence = f.number("last_sequence"),
      .members = {},
      .patient_id = {},
      .mine = read_marks(f.object("mine"))};
  for (const Fields& member : f.objects("members")) {
    conversation.members.push_back({member.id("user_id"), member.number("joined_sequence"),
                                    member.number("devices"), read_marks(member)});
  }
  if (f.has("patient")) conversation.patient_id = f.object("patient").id("patient_id");
  return conversation;
}

std::string of(const std::string& conversation_id, std::string_view what = {}) {
  return "/v1/conversations/" + conversation_id + std::string(what);
}

/// The answers' place in a request; nothing where nothing was asked.
void put_answers(json::object& body, const Answers& answers) {
  json::object confirmed;
  if (!answers.cross_service.empty()) confirmed["cross_service"] = texts(answers.cross_service);
  if (answers.reason)
    confirmed["reason"] = json::object{{"word", *answers.reason}, {"user_ids", texts(answers.reason_for)}};
  if (!confirmed.empty()) body["confirmed"] = std::move(confirmed);
}

}  // namespace

Entry read_entry(Fields f) {
  Entry entry{.conversation_id = f.id("conversation_id"),
              .sequence = f.number("sequence"),
              .kind = static_cast<EntryKind>(f.choice("kind", {"message", "commit", "proposal"})),
              .sender = {},
              .body = f.binary("body"),
              .stored_at = f.number("stored_at"),
              .priority = static_cast<Priority>(f.choice("priority", {"routine", "urgent", "critical"})),
              .needs_acknowledgement = f.truth("needs_acknowledgement"),
              .idempotency_id = f.id("idempotency_id")};
  if (f.has("sender")) {
    const Fields sender = f.object("sender");
    entry.sender = Sender{sender.id("user_id"), sender.id("device_id")};
  }
  return entry;
}

Outcome<ServerConversation> Api::create_conversation(const NewConversation& bundle) {
  json::object body{
      {"conversation_id", bundle.conversation_id},    {"kind", name_of(bundle.kind)},
      {"user_ids", texts(bundle.user_ids)},           {"group_info_0", to_base64url(bundle.group_info_0)},
      {"commit", to_base64url(bundle.commit)},        {"welcome", to_base64url(bundle.welcome)},
      {"group_info", to_base64url(bundle.group_info)}};
  if (bundle.match_id) body["match_id"] = *bundle.match_id;
  put_answers(body, bundle.answers);
  return read(post("/v1/conversations", body), read_conversation);
}

Outcome<std::vector<ServerConversation>> Api::conversations() {
  return read(call("GET", "/v1/conversations"), [](Fields f) {
    std::vector<ServerConversation> all;
    for (const Fields& each : f.objects("conversations")) all.push_back(read_conversation(each));
    return all;
  });
}

Outcome<ServerConversation> Api::conversation(const std::string& id) {
  return read(call("GET", of(id)), read_conversation);
}

Outcome<std::uint64_t> Api::post_message(const std::string& conversation_id, const NewMessage& message) {
  return read(
      post(of(conversation_id, "/messages"), {{"idempotency_id", message.idempotency_id},
                                              {"epoch", message.epoch},
                                              {"message", to_base64url(message.message)},
                                              {"priority", name_of(message.priority)},
                                              {"needs_acknowledgement", message.needs_acknowledgement}}),
      [](Fields f) { return f.number("sequence"); });
}

Outcome<std::uint64_t> Api::post_commit(const std::string& conversation_id, const NewCommit& commit) {
  json::object body{
      {"idempotency_id", commit.idempotency_id},        {"epoch", commit.epoch},
      {"commit", to_base64url(commit.commit)},          {"group_info", to_base64url(commit.group_info)},
      {"user_ids_added", texts(commit.user_ids_added)}, {"user_ids_removed", texts(commit.user_ids_removed)}};
  if (commit.welcome) body["welcome"] = to_base64url(*commit.welcome);
  put_answers(body, commit.answers);
  return read(post(of(conversation_id, "/commits"), body), [](Fields f) { return f.number("sequence"); });
}

Outcome<GroupInfo> Api::group_info(const std::string& conversation_id) {
  return read(call("GET", of(conversation_id, "/group-info")), [](Fields f) {
    return GroupInfo{f.number("epoch"), f.binary("group_info"), f.binary("ratchet_tree")};
  });
}

Outcome<LogPage> Api::log(const std::string& conversation_id, std::uint64_t after, std::uint64_t limit) {
  const auto query = "/log?after=" + std::to_string(after) + "&limit=" + std::to_string(limit);
  return read(call("GET", of(conversation_id, query)), [](Fields f) {
    LogPage page{{}, f.number("last_sequence")};
    for (const Fields& each : f.objects("entries")) page.entries.push_back(read_entry(each));
    return page;
  });
}

Outcome<void> Api::post_receipts(const std::string& conversation_id, const Marks& marks) {
  json::object body;
  if (marks.delivered > 0) body["delivered"] = marks.delivered;
  if (marks.read > 0) body["read"] = marks.read;
  if (marks.acknowledged > 0) body["acknowledged"] = marks.acknowledged;
  return done(post(of(conversation_id, "/receipts"), body));
}

Outcome<void> Api::report_unprocessable(const std::string& conversation_id, std::uint64_t sequence) {
  return done(
      post(of(conversation_id, "/reports"), {{"sequence", sequence}, {"reason", "cannot-process-commit"}}));
}

Outcome<std::vector<WaitingWelcome>> Api::welcomes() {
  return read(call("GET", "/v1/welcomes"), [](Fields f) {
    std::vector<WaitingWelcome> all;
    for (const Fields& each : f.objects("welcomes")) {
      all.push_back({each.id("welcome_id"), each.id("conversation_id"), each.number("sequence"),
                     each.binary("welcome"), each.binary("ratchet_tree")});
    }
    return all;
  });
}

Outcome<void> Api::delete_welcome(const std::string& welcome_id) {
  return done(call("DELETE", "/v1/welcomes/" + welcome_id));
}

}  // namespace wardline::client
