// What a person does: begins conversations, changes who is in them, sends, reads.
#include "client/account/uuid.h"
#include "client/messaging/client.h"

namespace wardline::client {

Outcome<ConversationRecord> Client::joined_record(const std::string& conversation_id) const {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return failed("no-such-conversation", "You are in no conversation with this id.");
  if ((*record)->membership == Membership::removed)
    return failed("not-a-member", "You are not in this conversation any more.");
  if ((*record)->membership == Membership::awaiting)
    return failed("not-joined", "This device is not in the conversation yet. Try again in a moment.");
  return std::move(**record);
}

Outcome<std::string> Client::start(const StartRequest& request) {
  if (auto calm = device_log_.calm(); !calm) return std::unexpected(calm.error());
  std::vector<Person> people;
  for (const std::string& id : request.user_ids) {
    auto person = api_.person(id);
    if (!person) return std::unexpected(person.error());
    people.push_back(std::move(*person));
  }
  const auto patient = request.patient ? std::optional(request.patient->patient.patient_id) : std::nullopt;
  const auto answers = review_recipients(api_, people, patient, request.priority, request.confirmed);
  if (!answers) return std::unexpected(answers.error());
  const auto kind =
      request.kind.value_or(people.size() > 1 ? ConversationKind::group : ConversationKind::direct);
  auto id = groups_.start({kind, request.user_ids, request.patient, *answers});
  if (!id || request.title.empty()) return id;
  Outgoing title{.conversation_id = *id,
                 .content = {.kind = content::Kind::title, .text = request.title, .title = request.title}};
  if (auto sent = send(std::move(title)); !sent) return std::unexpected(sent.error());
  return id;
}

Outcome<void> Client::add(const std::string& conversation_id, const std::vector<std::string>& user_ids,
                          const Confirmations& confirmed) {
  if (auto calm = device_log_.calm(); !calm) return calm;
  const auto record = joined_record(conversation_id);
  if (!record) return std::unexpected(record.error());
  std::vector<Person> people;
  for (const std::string& id : user_ids) {
    auto person = api_.person(id);
    if (!person) return std::unexpected(person.error());
    people.push_back(std::move(*person));
  }
  const auto answers = review_recipients(api_, people, record->patient_id, Priority::routine, confirmed);
  if (!answers) return std::unexpected(answers.error());
  return groups_.add(conversation_id, user_ids, *answers);
}

Outcome<void> Client::remove(const std::string& conversation_id, const std::string& user_id) {
  const auto record = joined_record(conversation_id);
  if (!record) return std::unexpected(record.error());
  return groups_.remove(conversation_id, user_id);
}

Outcome<Sent> Client::send(Outgoing message) {
  const auto record = joined_record(message.conversation_id);
  if (!record) return std::unexpected(record.error());
  if (message.id.empty()) message.id = new_uuid();
  if (message.content.sent_at == 0) message.content.sent_at = now_microseconds();
  if (!message.content.patient_id) message.content.patient_id = record->patient_id;
  return outbox_.send(message);
}

Outcome<std::optional<Sent>> Client::sent_before(const std::string& conversation_id,
                                                 const std::string& id) const {
  return outbox_.sent_before(conversation_id, id);
}

Outcome<void> Client::mark(const std::string& conversation_id, const Marks& marks) {
  auto record = joined_record(conversation_id);
  if (!record) return std::unexpected(record.error());
  // Nothing can be read that has not come.
  const auto within = [&](std::uint64_t mark) { return std::min(mark, record->applied); };
  record->mine =
      merge(record->mine, {within(marks.delivered), within(marks.read), within(marks.acknowledged)});
  Changes changes;
  put(changes, text_key(conversation_id), *record);
  if (auto written = state_.write(changes); !written) return written;
  return tell_marks();
}

/// Tells the server what it has not heard; what fails stays for the next time.
Outcome<void> Client::tell_marks() {
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  for (const ConversationRecord& each : *records) {
    if (each.membership != Membership::joined || each.mine == each.told) continue;
    const auto told = api_.post_receipts(each.id, each.mine);
    if (!told && (told.error().is_transient() || told.error().status == 401)) return told;
    ConversationRecord record = each;
    record.told = each.mine;
    Changes changes;
    put(changes, text_key(each.id), record);
    if (auto written = state_.write(changes); !written) return written;
  }
  return {};
}

}  // namespace wardline::client
