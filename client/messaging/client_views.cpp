// What a client has, as programs see it: conversations, messages, people.
#include "client/messaging/client.h"
#include "lib/bytes/text.h"
#include "lib/content/content.h"

namespace wardline::client {
namespace {

/// A conversation's name, say, travels like a message and is none.
bool is_for_reading(const MessageRecord& message) {
  if (message.body != BodyKind::content) return message.body == BodyKind::unreadable;
  const auto said = content::decode(message.content.view());
  return !said || said->kind == content::Kind::text;
}

}  // namespace

Outcome<ConversationView> Client::view_of(const ConversationRecord& record) const {
  ConversationView view{.conversation_id = record.id,
                        .kind = record.kind,
                        .closed = record.closed == Yes::yes,
                        .membership = record.membership,
                        .members = record.members,
                        .patient_id = record.patient_id,
                        .title = record.title,
                        .untrusted = record.untrusted == Yes::yes,
                        .mine = record.mine,
                        .last_sequence = record.applied};
  const auto unread = state_.list<MessageRecord>(
      {message_key(record.id, record.mine.read + 1), message_key(record.id, UINT64_MAX)});
  if (!unread) return std::unexpected(unread.error());
  for (const MessageRecord& each : *unread) {
    if (is_for_reading(each) && each.sender && each.sender->user_id != me().user_id) ++view.unread;
  }
  return view;
}

Outcome<std::vector<ConversationView>> Client::conversations() {
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  std::vector<ConversationView> views;
  for (const ConversationRecord& record : *records) {
    auto view = view_of(record);
    if (!view) return std::unexpected(view.error());
    views.push_back(std::move(*view));
  }
  return views;
}

Outcome<ConversationView> Client::conversation(const std::string& id) {
  const auto record = state_.find<ConversationRecord>(text_key(id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return failed("no-such-conversation", "You are in no conversation with this id.");
  return view_of(**record);
}

Outcome<std::optional<std::string>> Client::direct_conversation(const std::string& user_id) {
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  std::optional<std::string> found;
  for (const ConversationRecord& record : *records) {
    const bool is_with =
        record.kind == ConversationKind::direct && record.membership == Membership::joined &&
        record.closed == Yes::no && !record.patient_id &&
        std::ranges::any_of(record.members, [&](const Member& each) { return each.user_id == user_id; });
    if (is_with) found = record.id;  // The newest: ids sort by time.
  }
  return found;
}

Outcome<std::vector<Message>> Client::messages(const std::string& conversation_id,
                                               const MessageRange& range) {
  auto records =
      state_.list<MessageRecord>({message_key(conversation_id, range.after + 1),
                                  message_key(conversation_id, UINT64_MAX), Order::descending, range.last});
  if (!records) return std::unexpected(records.error());
  std::vector<Message> messages;
  for (auto record = records->rbegin(); record != records->rend(); ++record)
    messages.push_back(message_of(conversation_id, *record));
  return messages;
}

Outcome<Person> Client::find_person(std::string_view name_or_id) {
  if (is_uuid(name_or_id)) return person(std::string(name_or_id));
  auto people = api_.search_people({.text = std::string(name_or_id)});
  if (!people) return std::unexpected(people.error());
  std::erase_if(*people, [](const Person& each) { return !each.active || each.contact == Contact::self; });
  if (people->empty())
    return failed("no-such-person", "The directory has nobody like that. Search with `wardline people`.");
  if (people->size() == 1) return std::move(people->front());
  std::string candidates = "Several people fit; name one by id:";
  for (const Person& each : *people) candidates += "\n  " + each.user_id + "  " + describe(each);
  return failed("ambiguous-person", candidates);
}

Outcome<Person> Client::person(const std::string& user_id) {
  const auto known = people_.find(user_id);
  if (known != people_.end()) return known->second;
  auto person = api_.person(user_id);
  if (person) people_.emplace(user_id, *person);
  return person;
}

}  // namespace wardline::client
