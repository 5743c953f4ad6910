#include "client/cli/conversation_commands.h"

#include "client/cli/arguments.h"
#include "client/cli/message_text.h"

namespace wardline::cli {

namespace json = boost::json;
using namespace client;

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
  auto open = open_client(command.profile, output);
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
  return output.end();
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
  auto open = open_client(command.profile, output);
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
  return output.end();
}

Exit run(const GroupMembersCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile, output);
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
  return output.end();
}

Exit run(const GroupAddCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile, output);
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
  return output.end();
}

Exit run(const GroupRemoveCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile, output);
  if (!open) return output.fail(open.error());
  const auto id = find_conversation(*open->client, command.conversation);
  if (!id) return output.fail(id.error());
  const auto person = open->client->find_person(command.person);
  if (!person) return output.fail(person.error());
  if (auto removed = open->client->remove(*id, person->user_id); !removed)
    return output.fail(removed.error());
  json::array ids{json::string(person->user_id)};
  output.line({{"conversation_id", *id}, {"removed", std::move(ids)}}, "Removed " + describe(*person) + ".");
  return output.end();
}

}  // namespace wardline::cli
