#include "client/messaging/api.h"

#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

json::array texts(const std::vector<std::string>& values) {
  json::array all;
  for (const auto& value : values) all.push_back(json::string(value));
  return all;
}

Place read_place(Fields f) { return {f.text("id"), f.text("name")}; }

Person read_person(Fields f) {
  Person person{.user_id = f.id("user_id"),
                .name = f.text("name"),
                .role = f.text("role"),
                .role_title = f.text("role_title"),
                .service = read_place(f.object("service")),
                .location = read_place(f.object("location")),
                .on_call = {},
                .active = f.choice("status", {"active", "inactive"}) == 0,
                .has_device = f.truth("has_device"),
                .contact = static_cast<Contact>(f.choice("contact", {"confirmed", "new", "self"}))};
  for (const Fields& duty : f.objects("on_call")) person.on_call.push_back(duty.text("name"));
  return person;
}

std::vector<Person> read_people(const std::vector<Fields>& all) {
  std::vector<Person> people;
  for (const Fields& each : all) people.push_back(read_person(each));
  return people;
}

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

template <class Reader>
auto read(const Outcome<Answer>& answer, const Reader& reader)
    -> Outcome<decltype(reader(std::declval<Fields>()))> {
  if (!answer) return std::unexpected(answer.error());
  auto value = answer->read(reader);
  if (!value) return failed(value);
  return std::move(*value);
}

Outcome<void> done(const Outcome<Answer>& answer) {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

std::string of(const std::string& conversation_id, std::string_view what = {}) {
  return "/v1/conversations/" + conversation_id + std::string(what);
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

Outcome<Answer> Api::call(std::string_view method, const std::string& path, const json::object* body) {
  auto answer = client::call(https_, method, path, body);
  if (!answer && renew_ && Error(answer.error()).is_session_loss()) {
    if (auto renewed = renew_(); !renewed) return std::unexpected(renewed.error());
    answer = client::call(https_, method, path, body);
  }
  if (!answer) return failed(answer);
  return std::move(*answer);
}

Outcome<SecretBytes> Api::storage_share() {
  return read(call("GET", "/v1/devices/storage-share"),
              [](Fields f) { return SecretBytes(f.binary("storage_share")); });
}

Outcome<DeliveryService> Api::delivery_service() {
  return read(call("GET", "/v1/delivery-service"), [](Fields f) {
    return DeliveryService{f.binary("external_sender"), f.binary("device_ca"), f.text("device_log_key"),
                           static_cast<std::uint16_t>(f.number("cipher_suite"))};
  });
}

Outcome<std::vector<RegisteredDeviceView>> Api::devices() {
  return read(call("GET", "/v1/devices"), [](Fields f) {
    std::vector<RegisteredDeviceView> devices;
    for (const Fields& each : f.objects("devices")) {
      devices.push_back({each.id("device_id"), each.text("name"), each.number("created_at"),
                         each.optional_number("last_seen_at").value_or(0),
                         each.optional_number("revoked_at")});
    }
    return devices;
  });
}

Outcome<void> Api::revoke_device(const std::string& device_id) {
  return done(post("/v1/devices/" + device_id + "/revoke", {}));
}

Outcome<KeyPackageStock> Api::key_packages() {
  return read(call("GET", "/v1/key-packages"),
              [](Fields f) { return KeyPackageStock{f.number("available"), f.truth("has_last_resort")}; });
}

Outcome<void> Api::put_key_packages(const std::vector<Bytes>& key_packages,
                                    const std::optional<Bytes>& last_resort) {
  json::array packages;
  for (const Bytes& each : key_packages) packages.push_back(json::string(to_base64url(each)));
  json::object body{{"key_packages", std::move(packages)}};
  if (last_resort) body["last_resort"] = to_base64url(*last_resort);
  return done(call("PUT", "/v1/key-packages", &body));
}

Outcome<Claim> Api::claim_key_packages(const std::string& conversation_id,
                                       const std::vector<std::string>& user_ids) {
  return read(
      post("/v1/key-packages/claim", {{"conversation_id", conversation_id}, {"user_ids", texts(user_ids)}}),
      [](Fields f) {
        Claim claim{{}, f.ids("without_device")};
        for (const Fields& each : f.objects("claimed")) {
          claim.claimed.push_back({each.id("user_id"), each.id("device_id"), each.binary("key_package")});
        }
        return claim;
      });
}

Outcome<std::vector<Person>> Api::search_people(const PeopleQuery& query) {
  json::object body{{"query", query.text}};
  if (query.role) body["role"] = *query.role;
  if (query.on_call) body["on_call"] = true;
  std::vector<Person> people;
  for (;;) {
    auto page = read(post("/v1/directory/search", body), [](Fields f) {
      return std::pair(read_people(f.objects("people")), f.optional_text("next_cursor"));
    });
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->first, std::back_inserter(people));
    constexpr std::size_t kMost = 1000;
    if (!page->second || page->first.empty() || people.size() >= kMost) return people;
    body["cursor"] = *page->second;
  }
}

Outcome<Person> Api::person(const std::string& user_id) {
  return read(call("GET", "/v1/directory/people/" + user_id), read_person);
}

Outcome<std::vector<LookAlikes>> Api::similar_people(const std::vector<std::string>& user_ids) {
  return read(post("/v1/directory/similar", {{"user_ids", texts(user_ids)}}), [](Fields f) {
    std::vector<LookAlikes> all;
    for (const Fields& each : f.objects("similar"))
      all.push_back({each.id("user_id"), read_people(each.objects("look_alikes"))});
    return all;
  });
}

Outcome<void> Api::confirm_contact(const std::string& user_id) {
  return done(post("/v1/contacts/" + user_id + "/confirm", {}));
}

Outcome<MatchedPatient> Api::match_patient(const PatientIdentifiers& identifiers) {
  json::object body;
  if (identifiers.mrn) body["mrn"] = *identifiers.mrn;
  if (identifiers.birth_date) body["birth_date"] = *identifiers.birth_date;
  if (identifiers.family_name) body["family_name"] = *identifiers.family_name;
  if (identifiers.given_name) body["given_name"] = *identifiers.given_name;
  return read(post("/v1/patients/match", body), [](Fields f) {
    const Fields patient = f.object("patient");
    return MatchedPatient{{patient.id("patient_id"), patient.text("family_name"), patient.text("given_name"),
                           patient.text("birth_date"), patient.text("mrn")},
                          f.texts("matched_on"),
                          f.text("match_id")};
  });
}

Outcome<SendDecision> Api::send_decision(const std::vector<std::string>& user_ids,
                                         const std::optional<std::string>& patient_id, Priority priority) {
  json::object body{{"user_ids", texts(user_ids)}, {"priority", name_of(priority)}};
  if (patient_id) body["patient_id"] = *patient_id;
  return read(post("/v1/send-decision", body), [](Fields f) {
    SendDecision decision{
        .permit = f.truth("permit"), .obligations = {}, .denied_code = {}, .denied_text = {}};
    for (const Fields& each : f.objects("obligations")) {
      decision.obligations.push_back({each.text("kind"), each.optional_id("user_id"), each.text("text")});
    }
    if (f.has("denied")) {
      decision.denied_code = f.object("denied").text("code");
      decision.denied_text = f.object("denied").text("text");
    }
    return decision;
  });
}

Outcome<ServerConversation> Api::create_conversation(const NewConversation& bundle) {
  json::object body{
      {"conversation_id", bundle.conversation_id},    {"kind", name_of(bundle.kind)},
      {"user_ids", texts(bundle.user_ids)},           {"group_info_0", to_base64url(bundle.group_info_0)},
      {"commit", to_base64url(bundle.commit)},        {"welcome", to_base64url(bundle.welcome)},
      {"group_info", to_base64url(bundle.group_info)}};
  if (bundle.match_id) body["match_id"] = *bundle.match_id;
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
