#include "client/cli/message_commands.h"

#include <boost/json/parse.hpp>

#include "client/cli/secret_input.h"
#include "lib/bytes/text.h"

namespace wardline::cli {

namespace json = boost::json;
using namespace client;

namespace {

std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Outcome<std::string> text_from(const std::string& file) {
  auto text = read_input(file);
  if (!text) return text;
  return without_line_end(std::move(*text));
}

Priority priority_of(const std::string& name) {
  return name == "critical" ? Priority::critical : name == "urgent" ? Priority::urgent : Priority::routine;
}

/// An id, or "@NAME" for the direct conversation with that person.
Outcome<std::string> find_conversation(Client& client, const std::string& given) {
  if (!given.starts_with('@')) {
    const auto view = client.conversation(given);
    if (!view) return std::unexpected(view.error());
    return given;
  }
  const auto person = client.find_person(std::string_view(given).substr(1));
  if (!person) return std::unexpected(person.error());
  const auto found = client.direct_conversation(person->user_id);
  if (!found) return std::unexpected(found.error());
  if (!*found)
    return failed("no-such-conversation", "You have no direct conversation with " + describe(*person) +
                                              " yet. Begin one: wardline start");
  return **found;
}

Outcome<std::vector<std::string>> find_people(Client& client, const std::vector<std::string>& names,
                                              Output& output) {
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    const auto person = client.find_person(name);
    if (!person) return std::unexpected(person.error());
    output.note("To: " + describe(*person));
    ids.push_back(person->user_id);
  }
  return ids;
}

Confirmations confirmations_of(const std::vector<std::string>& given) {
  Confirmations confirmed;
  for (const std::string& each : given) {
    const auto at = each.rfind('=');
    if (each == "cross-service") confirmed.cross_service = true;
    if (each == "reason") confirmed.reason = true;
    if (at != std::string::npos) confirmed.people.push_back({each.substr(0, at), each.substr(at + 1)});
  }
  return confirmed;
}

/// {"mrn", "birth_date", "family_name", "given_name"}: at least two.
Outcome<PatientIdentifiers> patient_from(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return std::unexpected(text.error());
  boost::system::error_code bad;
  const auto value = json::parse(*text, bad);
  if (bad || !value.is_object())
    return failed("unreadable-file", "The patient's identifiers must be a JSON object.");
  PatientIdentifiers identifiers;
  for (const auto& [name, member] : value.get_object()) {
    auto* to = name == "mrn"           ? &identifiers.mrn
               : name == "birth_date"  ? &identifiers.birth_date
               : name == "family_name" ? &identifiers.family_name
               : name == "given_name"  ? &identifiers.given_name
                                       : nullptr;
    if (!to || !member.is_string())
      return failed("unreadable-file",
                    "A patient is named by mrn, birth_date, family_name and given_name, as text.");
    *to = std::string(member.get_string());
  }
  return identifiers;
}

std::string name_of_person(Client& client, const std::string& user_id) {
  const auto person = client.person(user_id);
  return person ? person->name : user_id;
}

std::string names_of(Client& client, const std::vector<std::string>& user_ids) {
  std::string names;
  for (const auto& id : user_ids) names += (names.empty() ? "" : ", ") + name_of_person(client, id);
  return names;
}

std::string body_text(Client& client, const Message& message) {
  switch (message.body) {
    case BodyKind::content:
      return message.content.kind == content::Kind::title ? "Title: " + message.content.text
                                                          : message.content.text;
    case BodyKind::unreadable:
      if (message.unreadable == Unreadable::newer_version) return "[This message needs a newer version]";
      return "[This message cannot be read: " + std::string(name_of(message.unreadable)) + "]";
    case BodyKind::membership:
      return (message.added.empty() ? "" : "[Added: " + names_of(client, message.added) + "]") +
             (message.removed.empty() ? "" : "[Removed: " + names_of(client, message.removed) + "]");
    case BodyKind::gap:
      return "[Messages before this point are not on this device]";
  }
  return {};
}

/// Control characters of a message must not steer the terminal of its reader.
std::string harmless(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
    if (c == 0x7f) c = '?';
  }
  return text;
}

void print(Client& client, Output& output, const Message& message) {
  std::string text;
  if (output.format() == Format::text) {
    const std::string who = message.sender ? name_of_person(client, message.sender->user_id) : "Wardline";
    const std::string mark =
        message.priority == Priority::routine ? "" : " [" + std::string(name_of(message.priority)) + "]";
    text = harmless(time_text(message.stored_at) + "  #" + std::to_string(message.sequence) + "  " + who +
                    mark + ": " + body_text(client, message));
  }
  output.line(to_json(message, client.me().user_id), text);
}

}  // namespace

Exit run(const PeopleCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto access = open_access(command.profile);
  if (!access) return output.fail(access.error());
  Api api((*access)->https(), [&] { return (*access)->renew(); });
  const auto role = command.role.empty() ? std::nullopt : std::optional(command.role);
  const auto people = api.search_people({command.search, role, command.on_call});
  if (!people) return output.fail(people.error());
  for (const Person& person : *people) output.line(to_json(person), person.user_id + "  " + describe(person));
  return Exit::good;
}

Exit run(const ConversationsCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  const auto conversations = open->client->conversations();
  if (!conversations) return output.fail(conversations.error());
  for (const ConversationView& each : *conversations) {
    std::vector<std::string> others;
    for (const Member& member : each.members) {
      if (member.user_id != open->client->me().user_id) others.push_back(member.user_id);
    }
    std::string text;
    if (output.format() == Format::text) {
      text = harmless(each.conversation_id + "  " + each.title.value_or(names_of(*open->client, others)) +
                      (each.unread > 0 ? "  (" + std::to_string(each.unread) + " unread)" : ""));
    }
    output.line(to_json(each), text);
  }
  return Exit::good;
}

Exit run(const StartCommand& command, Console& console) {
  Output output(console, command.profile.format);
  StartRequest request;
  request.priority = priority_of(command.priority);
  request.confirmed = confirmations_of(command.confirm);
  if (command.group) request.kind = ConversationKind::group;
  std::optional<PatientIdentifiers> identifiers;
  std::string text;
  // Everything is read before anything is done: half a start is nobody's wish.
  if (!command.patient_from.empty()) {
    auto read = patient_from(command.patient_from);
    if (!read) return output.fail(read.error());
    identifiers = std::move(*read);
  }
  for (auto [file, to] :
       {std::pair(&command.title_from, &request.title), std::pair(&command.text_from, &text)}) {
    if (file->empty()) continue;
    auto read = text_from(*file);
    if (!read) return output.fail(read.error());
    *to = std::move(*read);
  }
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  Client& client = *open->client;
  auto people = find_people(client, command.people, output);
  if (!people) return output.fail(people.error());
  request.user_ids = std::move(*people);
  if (identifiers) {
    auto matched = client.api().match_patient(*identifiers);
    if (!matched) return output.fail(matched.error());
    request.patient = std::move(*matched);
  }
  const auto id = client.start(request);
  if (!id) return output.fail(id.error());
  if (!text.empty()) {
    Outgoing message{.conversation_id = *id, .content = {.text = text}, .priority = request.priority};
    if (const auto sent = client.send(std::move(message)); !sent) return output.fail(sent.error());
  }
  json::object object{{"conversation_id", *id}, {"patient", nullptr}};
  if (request.patient) object["patient"] = to_json(*request.patient);
  output.line(object, *id);
  return Exit::good;
}

Exit run(const SendCommand& command, Console& console) {
  Output output(console, command.profile.format);
  for (const std::string* id : {&command.id, &command.reply_to}) {
    if (!id->empty() && !is_uuid(*id)) {
      console.err << "wardline: " << *id << " is not a UUID in lower case.\n";
      return Exit::usage;
    }
  }
  auto text = text_from(command.text_from);
  if (!text) return output.fail(text.error());
  if (text->empty()) return output.fail(Error("bad-content", "There is nothing to send."));
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  const auto conversation = find_conversation(*open->client, command.conversation);
  if (!conversation) return output.fail(conversation.error());
  Outgoing message{.conversation_id = *conversation,
                   .content = {.text = std::move(*text)},
                   .priority = priority_of(command.priority),
                   .needs_acknowledgement = command.needs_acknowledgement,
                   .id = command.id};
  if (!command.reply_to.empty()) message.content.reply_to = command.reply_to;
  const auto sent = open->client->send(std::move(message));
  if (!sent) return output.fail(sent.error());
  output.line({{"conversation_id", *conversation}, {"id", sent->id}, {"sequence", sent->sequence}},
              "Sent as #" + std::to_string(sent->sequence) + ".");
  return Exit::good;
}

Exit run(const ReadCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  Client& client = *open->client;
  const auto id = find_conversation(client, command.conversation);
  if (!id) return output.fail(id.error());
  const auto view = client.conversation(*id);
  if (!view) return output.fail(view.error());
  MessageRange range;
  if (command.last > 0) range.last = command.last;
  if (!command.all && command.last == 0) range.after = view->mine.read;
  const auto messages = client.messages(*id, range);
  if (!messages) return output.fail(messages.error());
  for (const Message& message : *messages) print(client, output, message);
  // Read is what has been printed.
  if (!console.out.good()) return Exit::not_checked;
  if (command.peek || messages->empty() || view->membership != Membership::joined) return Exit::good;
  if (auto marked = client.mark(*id, {0, messages->back().sequence, 0}); !marked)
    return output.fail(marked.error());
  return Exit::good;
}

Exit run(const TailCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  Client& client = *open->client;
  std::vector<std::string> wanted;
  for (const std::string& given : command.conversations) {
    auto id = find_conversation(client, given);
    if (!id) return output.fail(id.error());
    wanted.push_back(std::move(*id));
  }
  std::size_t shown = 0;
  const auto show = [&](const Message& message) {
    if (!wanted.empty() && std::ranges::find(wanted, message.conversation_id) == wanted.end()) return;
    print(client, output, message);
    ++shown;
    const bool is_over = !console.out.good() || (command.count > 0 && shown >= command.count);
    if (console.out.good() && !command.peek)
      (void)client.mark(message.conversation_id, {0, message.sequence, 0});
    if (is_over) client.stop();
  };
  // What came while nobody looked, first.
  const auto conversations = client.conversations();
  if (!conversations) return output.fail(conversations.error());
  for (const ConversationView& each : *conversations) {
    const auto missed = client.messages(each.conversation_id, {each.mine.read, SIZE_MAX});
    if (!missed) return output.fail(missed.error());
    for (const Message& message : *missed) {
      if (command.count > 0 && shown >= command.count) return Exit::good;
      show(message);
    }
  }
  if (command.count > 0 && shown >= command.count) return Exit::good;
  const auto ended =
      client.listen({.on_message = show,
                     .on_ready = [&] { output.note("Listening. Ctrl-C ends it."); },
                     .on_trouble = [&](const Error& error) { output.note("wardline: " + error.detail); }});
  if (!ended) return output.fail(ended.error());
  return Exit::good;
}

Exit run(const GroupMembersCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  const auto id = find_conversation(*open->client, command.conversation);
  if (!id) return output.fail(id.error());
  const auto view = open->client->conversation(*id);
  if (!view) return output.fail(view.error());
  for (const Member& member : view->members) {
    const auto person = open->client->person(member.user_id);
    if (!person) return output.fail(person.error());
    auto object = to_json(*person);
    object["devices"] = member.devices;
    object["read"] = member.marks.read;
    output.line(object, person->user_id + "  " + describe(*person));
  }
  return Exit::good;
}

Exit run(const GroupAddCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  const auto id = find_conversation(*open->client, command.conversation);
  if (!id) return output.fail(id.error());
  const auto people = find_people(*open->client, command.people, output);
  if (!people) return output.fail(people.error());
  if (auto added = open->client->add(*id, *people, confirmations_of(command.confirm)); !added)
    return output.fail(added.error());
  json::array ids;
  for (const auto& each : *people) ids.push_back(json::string(each));
  output.line({{"conversation_id", *id}, {"added", std::move(ids)}}, "Added.");
  return Exit::good;
}

Exit run(const GroupRemoveCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile);
  if (!open) return output.fail(open.error());
  const auto id = find_conversation(*open->client, command.conversation);
  if (!id) return output.fail(id.error());
  const auto person = open->client->find_person(command.person);
  if (!person) return output.fail(person.error());
  if (auto removed = open->client->remove(*id, person->user_id); !removed)
    return output.fail(removed.error());
  json::array ids{json::string(person->user_id)};
  output.line({{"conversation_id", *id}, {"removed", std::move(ids)}}, "Removed " + describe(*person) + ".");
  return Exit::good;
}

}  // namespace wardline::cli
