#include "client/cli/output.h"

#include <ctime>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace wardline::cli {

namespace json = boost::json;
using namespace client;

namespace {

json::array texts(const std::vector<std::string>& values) {
  json::array all;
  for (const auto& value : values) all.push_back(json::string(value));
  return all;
}

json::value optional(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::object place(const Place& where) { return {{"id", where.id}, {"name", where.name}}; }

/// What people may know of files: never their keys.
json::array files(const std::vector<content::Attachment>& attachments,
                  const std::vector<std::filesystem::path>& saved) {
  json::array all;
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const content::Attachment& each = attachments[i];
    json::object file{{"id", each.id}, {"name", each.name}, {"type", each.type}, {"size", each.size}};
    file["saved"] = i < saved.size() ? json::value(saved[i].string()) : json::value(nullptr);
    all.push_back(std::move(file));
  }
  return all;
}

std::string_view kind_of(const Message& message) {
  constexpr std::string_view kContent[] = {"text", "title", "receipt-note"};
  switch (message.body) {
    case BodyKind::content:
      return kContent[static_cast<std::size_t>(message.content.kind)];
    case BodyKind::unreadable:
      return "unreadable";
    case BodyKind::membership:
      return "membership";
    case BodyKind::gap:
      return "gap";
  }
  return "unreadable";
}

Exit exit_of(const Error& error) {
  const auto is = [&](std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, std::string_view(error.code)) != codes.end();
  };
  if (is({"device-revoked", "device-unreadable"})) return Exit::device_lost;
  if (is({"device-log-alarm", "untrusted-device"})) return Exit::untrusted;
  if (error.is_session_loss() || is({"not-signed-in", "not-enrolled", "wrong-credentials", "wrong-code",
                                     "no-secret", "other-account", "no-one-time-code"})) {
    return Exit::sign_in;
  }
  if (is({"needs-confirmation", "recipients-unconfirmed", "ambiguous-person", "no-such-person",
          "patient-not-found", "patient-ambiguous"}))
    return Exit::decide;
  if (error.is_transient() || is({"profile-in-use", "busy", "not-joined", "not-sent"}))
    return Exit::try_again;
  if (is({"file-unreadable", "scratch-unusable", "directory-unusable"})) return Exit::not_checked;
  if (is({"profile-too-open", "profile-newer", "disk", "unreadable-file", "no-certificate", "other-server"}))
    return Exit::not_checked;
  return Exit::bad;
}

}  // namespace

void Output::line(const json::object& object, const std::string& text) {
  if (format_ == Format::text) {
    console_.out << text << '\n' << std::flush;
    return;
  }
  json::object whole = object;
  if (!alarm().empty()) whole["device_log_alarm"] = alarm();
  console_.out << json::serialize(whole) << '\n' << std::flush;
}

void Output::watch(const DeviceLog& log) {
  log_ = &log;
  for (const AddedDevice& added : log.added()) {
    if (format_ == Format::json) {
      const json::object object{
          {"notice", "device-added"}, {"device_id", added.device_id}, {"issued_at", added.issued_at}};
      console_.err << json::serialize(object) << '\n' << std::flush;
    } else {
      console_.err << "wardline: A device was added in your name on " << time_text(added.issued_at) << ": "
                   << added.device_id << ". Yours: wardline device mine " << added.device_id
                   << ". Not yours: wardline device revoke " << added.device_id << ", and tell IT security.\n"
                   << std::flush;
    }
  }
}

Exit Output::end() {
  if (!log_) return Exit::good;
  const auto calm = log_->calm();
  return calm ? Exit::good : fail(calm.error());
}

void Output::note(const std::string& text) {
  if (format_ == Format::text) console_.err << text << '\n' << std::flush;
}

Exit Output::fail(const Error& error) {
  const Exit exit = exit_of(error);
  if (format_ == Format::json) {
    json::object object{{"error", error.code}, {"detail", error.detail}, {"exit", static_cast<int>(exit)}};
    if (!alarm().empty()) object["device_log_alarm"] = alarm();
    console_.err << json::serialize(object) << '\n' << std::flush;
  } else {
    std::string advice;
    if (error.is_session_loss()) advice = " Sign in: wardline sign-in";
    if (error.code == "no-connection")
      advice = " The server does not answer. What waits to be sent stays, and goes out later.";
    console_.err << "wardline: " << error.detail << advice << " (" << error.code << ")\n" << std::flush;
  }
  return exit;
}

json::object to_json(const Person& person) {
  constexpr std::string_view kContact[] = {"confirmed", "new", "self"};
  return {{"user_id", person.user_id},
          {"name", person.name},
          {"role", person.role},
          {"role_title", person.role_title},
          {"service", place(person.service)},
          {"location", place(person.location)},
          {"on_call", texts(person.on_call)},
          {"active", person.active},
          {"has_device", person.has_device},
          {"contact", kContact[static_cast<std::size_t>(person.contact)]}};
}

json::object to_json(const ConversationView& conversation) {
  json::array members;
  for (const Member& member : conversation.members) {
    members.push_back(json::object{{"user_id", member.user_id},
                                   {"devices", member.devices},
                                   {"delivered", member.marks.delivered},
                                   {"read", member.marks.read},
                                   {"acknowledged", member.marks.acknowledged}});
  }
  return {{"conversation_id", conversation.conversation_id},
          {"kind", name_of(conversation.kind)},
          {"state", conversation.closed ? "closed" : "active"},
          {"membership", name_of(conversation.membership)},
          {"title", optional(conversation.title)},
          {"patient_id", optional(conversation.patient_id)},
          {"untrusted", conversation.untrusted},
          {"unread", conversation.unread},
          {"last_sequence", conversation.last_sequence},
          {"members", std::move(members)}};
}

json::object to_json(const Message& message, const std::string& me,
                     const std::vector<std::filesystem::path>& saved) {
  json::object object{{"conversation_id", message.conversation_id},
                      {"sequence", message.sequence},
                      {"id", message.id},
                      {"kind", kind_of(message)},
                      {"sender", nullptr},
                      {"own", message.sender && message.sender->user_id == me},
                      {"stored_at", message.stored_at},
                      {"priority", name_of(message.priority)},
                      {"needs_acknowledgement", message.needs_acknowledgement}};
  if (message.sender)
    object["sender"] =
        json::object{{"user_id", message.sender->user_id}, {"device_id", message.sender->device_id}};
  if (message.body == BodyKind::content) {
    object["text"] = message.content.text;
    object["title"] = optional(message.content.title);
    object["patient_id"] = optional(message.content.patient_id);
    object["reply_to"] = optional(message.content.reply_to);
    object["sent_at"] = message.content.sent_at;
    object["attachments"] = files(message.content.attachments, saved);
  } else if (message.body == BodyKind::unreadable) {
    object["reason"] = name_of(message.unreadable);
  } else if (message.body == BodyKind::membership) {
    object["added"] = texts(message.added);
    object["removed"] = texts(message.removed);
  }
  return object;
}

json::object to_json(const MatchedPatient& matched) {
  const Patient& patient = matched.patient;
  return {{"patient_id", patient.patient_id},
          {"family_name", patient.family_name},
          {"given_name", patient.given_name},
          {"birth_date", patient.birth_date},
          {"mrn", patient.mrn},
          {"matched_on", texts(matched.matched_on)}};
}

std::string time_text(std::uint64_t microseconds) {
  const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace wardline::cli
