#include "client/messaging/client.h"

#include "client/account/uuid.h"
#include "client/store/store_key.h"
#include "lib/bytes/text.h"
#include "lib/content/content.h"
#include "lib/crypto/signature.h"

namespace wardline::client {
namespace {

std::uint64_t sent_at() { return static_cast<std::uint64_t>(now_microseconds()); }

/// A conversation's name, say, travels like a message and is none.
bool is_for_reading(const MessageRecord& message) {
  if (message.body != BodyKind::content) return message.body == BodyKind::unreadable;
  const auto said = content::decode(message.content.view());
  return !said || said->kind == content::Kind::text;
}

bool has_member(const ServerConversation& server, const std::string& user_id) {
  return std::ranges::any_of(server.members, [&](const Member& each) { return each.user_id == user_id; });
}

Outcome<std::unique_ptr<conversation::Context>> make_context(const DeviceIdentity& device,
                                                             const DeliveryService& service,
                                                             const Pinned& pinned) {
  auto key =
      crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, device.signing_key.view());
  if (!key) return std::unexpected(Error(StoreError::does_not_open));
  const conversation::Identity identity{static_cast<mls::CipherSuite>(service.cipher_suite),
                                        {device.user_id, device.device_id},
                                        device.certificate_chain,
                                        service.external_sender,
                                        pinned.pins.device_ca,
                                        pinned.pins.device_log_key,
                                        pinned.log};
  auto context = conversation::Context::create(
      identity, std::make_unique<crypto::SigningKey>(std::move(*key)), now_microseconds());
  if (!context) return failed(context);
  return std::move(*context);
}

}  // namespace

Outcome<std::unique_ptr<Client>> Client::open(Access& access) {
  const auto device = access.profile().device();
  if (!device) return failed(device);
  if (device->certificate_chain.empty()) return std::unexpected(Error(StoreError::absent));
  if (access.https().cookie().empty() && !access.can_renew())
    return failed("not-signed-in", "Nobody is signed in. Sign in first.");
  if (access.https().cookie().empty()) {
    if (auto renewed = access.renew(); !renewed) return std::unexpected(renewed.error());
  }
  Api api(access.https(), [&access] { return access.renew(); });
  const auto share = api.storage_share();
  if (!share) return std::unexpected(share.error());
  const auto service = api.delivery_service();
  if (!service) return std::unexpected(service.error());
  auto store = SealedStore::open(access.profile().state_file(),
                                 derive_store_key(device->local_secret, *share, StorePurpose::records));
  if (!store) return failed(store);
  const auto pinned = pin(*store, *service);
  if (!pinned) return std::unexpected(pinned.error());
  auto context = make_context(*device, *service, *pinned);
  if (!context) return std::unexpected(context.error());
  auto key = mls::SealingKey::create(derive_store_key(device->local_secret, *share, StorePurpose::mls));
  DeviceState state(std::move(*store), std::move(*context), std::move(*key));
  return std::unique_ptr<Client>(new Client(access, std::move(state), *pinned));
}

Client::Client(Access& access, DeviceState state, const Pinned& pinned)
    : access_(access),
      api_(access.https(), [&access] { return access.renew(); }),
      state_(std::move(state)),
      device_log_(api_, state_, pinned),
      log_(api_, state_, device_log_),
      joining_(api_, state_, device_log_),
      groups_(api_, state_, device_log_, log_),
      outbox_(api_, state_, device_log_, log_, groups_) {}

Outcome<void> Client::sync() {
  // Before anything else is believed: the log of devices continues what this device saw of it. An alarm holds
  // back sending; what others wrote can still be read.
  if (auto checked = device_log_.check(); !checked) return checked;
  // First of all be reachable: until its key packages are there, nobody can write to a new device.
  if (auto refilled = joining_.refill_key_packages(); !refilled) return refilled;
  if (auto resumed = groups_.resume_starts(); !resumed) return resumed;
  if (auto joined = joining_.join_by_welcomes(); !joined) return std::unexpected(joined.error());
  const auto conversations = api_.conversations();
  if (!conversations) return std::unexpected(conversations.error());
  for (const ServerConversation& server : *conversations) {
    if (auto entered = enter(server); !entered) return entered;
  }
  if (auto left = leave_all_but(*conversations); !left) return left;
  for (const std::string& id : log_.conversations_with_lost_intent()) {
    if (auto rebased = groups_.rebase_lost(id); !rebased && rebased.error().is_transient()) return rebased;
  }
  if (auto flushed = outbox_.flush(); !flushed) return flushed;
  return tell_marks();
}

/// Who was removed is told nothing more of a conversation: it is not in the list.
Outcome<void> Client::leave_all_but(const std::vector<ServerConversation>& listed) {
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  for (const ConversationRecord& each : *records) {
    if (std::ranges::find(listed, each.id, &ServerConversation::conversation_id) != listed.end()) continue;
    if (auto left = log_.leave(each.id); !left) return left;
  }
  return {};
}

/// Into a conversation of the server's list as far as this device is not in it, and to the end of its log.
Outcome<void> Client::enter(const ServerConversation& server) {
  const std::string& id = server.conversation_id;
  auto known = state_.find<ConversationRecord>(text_key(id));
  if (!known) return std::unexpected(known.error());
  ConversationRecord record = *known ? std::move(**known) : ConversationRecord();
  learn(record, server);
  const bool is_member = has_member(server, me().user_id);
  // Removed, and added again without a Welcome for this device.
  if (record.membership == Membership::removed && is_member) record.membership = Membership::awaiting;
  Changes changes;
  put(changes, text_key(id), record);
  if (auto written = state_.write(changes); !written) return written;

  if (record.membership == Membership::awaiting && is_member && !server.closed) {
    const auto joined = joining_.join_by_external_commit(id);
    if (!joined && (joined.error().is_transient() || joined.error().status == 401))
      return std::unexpected(joined.error());
    if (!joined || !*joined) return {};  // The next sync tries again.
  }
  if (record.applied < server.last_sequence || record.membership == Membership::awaiting ||
      record.untrusted == Yes::yes) {
    if (auto caught_up = log_.catch_up(id); !caught_up) return caught_up;
  }
  const auto resumed = groups_.resume_commit(id);
  if (!resumed && resumed.error().is_transient()) return resumed;
  return {};
}

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

Outcome<std::string> Client::start(const StartRequest& request) {
  if (auto calm = device_log_.calm(); !calm) return std::unexpected(calm.error());
  std::vector<Person> people;
  for (const std::string& id : request.user_ids) {
    auto person = api_.person(id);
    if (!person) return std::unexpected(person.error());
    people.push_back(std::move(*person));
  }
  const auto patient = request.patient ? std::optional(request.patient->patient.patient_id) : std::nullopt;
  if (auto reviewed = review_recipients(api_, people, patient, request.priority, request.confirmed);
      !reviewed) {
    return std::unexpected(reviewed.error());
  }
  const auto kind =
      request.kind.value_or(people.size() > 1 ? ConversationKind::group : ConversationKind::direct);
  const auto match = request.patient ? std::optional(request.patient->match_id) : std::nullopt;
  auto id = groups_.start(kind, request.user_ids, match);
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
  if (auto reviewed = review_recipients(api_, people, record->patient_id, Priority::routine, confirmed);
      !reviewed) {
    return reviewed;
  }
  return groups_.add(conversation_id, user_ids);
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
  if (message.content.sent_at == 0) message.content.sent_at = static_cast<std::int64_t>(sent_at());
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
