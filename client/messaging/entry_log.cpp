#include "client/messaging/entry_log.h"

#include <set>

#include "lib/mls/public/decode.h"

namespace wardline::client {

using conversation::Code;
using conversation::ProcessedEntry;

namespace {

constexpr std::uint64_t kPage = 200;

std::vector<std::string> people_in(const std::vector<conversation::Device>& devices) {
  std::set<std::string> people;
  for (const auto& device : devices) people.insert(device.user_id);
  return {people.begin(), people.end()};
}

bool is_known(const ConversationRecord& record, const std::string& user_id) {
  return std::ranges::any_of(record.members, [&](const Member& each) { return each.user_id == user_id; });
}

}  // namespace

struct EntryLog::Batch {
  ConversationRecord record;
  std::vector<MessageRecord> messages = {};
  std::vector<std::pair<std::string, std::uint64_t>> sent = {};  // Idempotency ids and places.
  std::optional<conversation::SealedState> state = {};
  std::optional<conversation::Intent> lost = {};
  bool members_changed = false;

  void advance(const Entry& entry) { record.applied = entry.sequence; }

  MessageRecord& add(const Entry& entry, BodyKind body) {
    advance(entry);
    return messages.emplace_back(MessageRecord{.sequence = entry.sequence,
                                               .id = entry.idempotency_id,
                                               .sender = entry.sender,
                                               .body = body,
                                               .content = {},
                                               .unreadable = {},
                                               .added = {},
                                               .removed = {},
                                               .stored_at = entry.stored_at,
                                               .priority = entry.priority,
                                               .needs_acknowledgement = yes(entry.needs_acknowledgement)});
  }

  void add_unreadable(const Entry& entry, Unreadable reason) {
    add(entry, BodyKind::unreadable).unreadable = reason;
  }

  void add_content(const Entry& entry, SecretBytes bytes) {
    const auto content = content::decode(bytes.view());
    if (!content && content.error() == content::Error::malformed) {
      return add_unreadable(entry, Unreadable::malformed);
    }
    // What needs a newer version is kept: that version can read it.
    if (content && content->kind == content::Kind::title)
      record.title = content->title.value_or(content->text);
    auto& message = add(entry, content ? BodyKind::content : BodyKind::unreadable);
    message.content = std::move(bytes);
    message.unreadable = Unreadable::newer_version;
  }
};

Message message_of(const std::string& conversation_id, const MessageRecord& record) {
  Message message{.conversation_id = conversation_id,
                  .sequence = record.sequence,
                  .id = record.id,
                  .sender = record.sender,
                  .body = record.body,
                  .unreadable = record.unreadable,
                  .added = record.added,
                  .removed = record.removed,
                  .stored_at = record.stored_at,
                  .priority = record.priority,
                  .needs_acknowledgement = record.needs_acknowledgement == Yes::yes};
  if (record.content.empty()) return message;
  // Read again each time: an entry that needed a newer version shows once that version is here.
  if (auto content = content::decode(record.content.view())) {
    message.body = BodyKind::content;
    message.content = std::move(*content);
  }
  return message;
}

Outcome<void> EntryLog::catch_up(const std::string& conversation_id) {
  for (;;) {
    const auto record = state_.find<ConversationRecord>(text_key(conversation_id));
    if (!record) return std::unexpected(record.error());
    if (!*record || (*record)->membership != Membership::joined) return {};
    const auto page = api_.log(conversation_id, (*record)->applied, kPage);
    if (!page) return std::unexpected(page.error());
    const auto applied = apply(conversation_id, page->entries);
    if (!applied) return std::unexpected(applied.error());
    if (applied->stands_outside || applied->reached >= page->last_sequence ||
        applied->reached <= (*record)->applied) {
      return {};
    }
  }
}

Outcome<void> EntryLog::arrived(const std::string& conversation_id, const std::vector<Entry>& entries) {
  const auto applied = apply(conversation_id, entries);
  if (!applied) return std::unexpected(applied.error());
  return applied->gap ? catch_up(conversation_id) : Outcome<void>();
}

std::optional<conversation::Intent> EntryLog::take_lost_intent(const std::string& conversation_id) {
  auto found = lost_.extract(conversation_id);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

std::vector<std::string> EntryLog::conversations_with_lost_intent() const {
  std::vector<std::string> ids;
  for (const auto& [id, intent] : lost_) ids.push_back(id);
  return ids;
}

Outcome<EntryLog::Applied> EntryLog::apply(const std::string& conversation_id,
                                           const std::vector<Entry>& entries) {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->membership != Membership::joined) return Applied{.stands_outside = true};
  Batch batch{.record = std::move(**record)};
  const std::uint64_t before = batch.record.applied;
  std::optional<std::uint64_t> lost_at;
  bool gap = false;
  for (const Entry& entry : entries) {
    if (entry.sequence <= batch.record.applied || entry.conversation_id != conversation_id) continue;
    gap = entry.sequence > batch.record.applied + 1;
    if (gap || batch.record.membership != Membership::joined) break;
    const auto followed = apply_one(batch, entry);
    if (!followed) {
      state_.forget_group(conversation_id);  // What was applied before it is not written either.
      return std::unexpected(followed.error());
    }
    if (!*followed) {
      lost_at = entry.sequence;
      break;
    }
  }
  if (batch.record.applied != before) {
    batch.record.mine = merge(batch.record.mine, {batch.record.applied, 0, 0});
    if (auto kept = keep(batch); !kept) return std::unexpected(kept.error());
  }
  if (lost_at) {
    if (auto left = leave_behind(conversation_id, *lost_at); !left) return std::unexpected(left.error());
  } else if (batch.members_changed) {
    // Only for show: what fails here is learnt at the next sync.
    (void)learn_members(conversation_id);
  }
  return Applied{gap, batch.record.applied, lost_at || batch.record.membership != Membership::joined};
}

Outcome<void> EntryLog::keep(Batch& batch) {
  const std::string id = batch.record.id;
  Changes changes;
  put(changes, text_key(id), batch.record);
  if (batch.state) DeviceState::put_group(changes, id, *batch.state);
  for (const MessageRecord& message : batch.messages)
    put(changes, message_key(id, message.sequence), message);
  for (const auto& [sent, sequence] : batch.sent) {
    changes.remove(Table::outbox, text_key(sent));
    put(changes, text_key(sent), SentRecord{id, sequence, {}, {}});
  }
  if (auto written = state_.write(changes); !written) return written;
  if (batch.lost) lost_.insert_or_assign(id, std::move(*batch.lost));
  for (const MessageRecord& message : batch.messages) {
    if (listener_) listener_(message_of(id, message));
  }
  return {};
}

Outcome<bool> EntryLog::apply_one(Batch& batch, const Entry& entry) {
  if (entry.kind == EntryKind::message && entry.sender && entry.sender->device_id == state_.me().device_id) {
    return apply_own(batch, entry);
  }
  const auto message = mls::decode_message(entry.body);
  auto group = state_.group(entry.conversation_id);
  if (!group && group.error().code == "disk") return std::unexpected(group.error());
  if (!group) return false;
  auto processed = message ? (*group)->process(*message, state_.context())
                           : conversation::Outcome<ProcessedEntry>(conversation::failed(message.error()));
  if (processed) return absorb(batch, entry, std::move(*processed));

  const Code code = processed.error().code;
  if (entry.kind == EntryKind::commit || code == Code::future_epoch || code == Code::unreadable_state)
    return false;
  // One message that does not open must not hold up the ones behind it.
  if (entry.kind == EntryKind::message) {
    batch.add_unreadable(entry, code == Code::keys_gone ? Unreadable::keys_gone : Unreadable::invalid);
  } else {
    batch.advance(entry);
  }
  return true;
}

/// What this device sent it cannot decrypt (the ratchet has moved on): the words are those of the outbox.
Outcome<bool> EntryLog::apply_own(Batch& batch, const Entry& entry) {
  auto outgoing = state_.find<OutboxRecord>(text_key(entry.idempotency_id));
  if (!outgoing) return std::unexpected(outgoing.error());
  if (!*outgoing) {
    batch.add_unreadable(entry, Unreadable::sent_elsewhere);
    return true;
  }
  batch.sent.emplace_back(entry.idempotency_id, entry.sequence);
  batch.add_content(entry, std::move((*outgoing)->content));
  return true;
}

bool EntryLog::absorb(Batch& batch, const Entry& entry, ProcessedEntry processed) {
  switch (processed.kind) {
    case conversation::EntryKind::own_message:
    case conversation::EntryKind::past_epoch:
      if (entry.kind == EntryKind::message) {
        batch.add_unreadable(entry, Unreadable::keys_gone);
      } else {
        batch.advance(entry);
      }
      return true;
    case conversation::EntryKind::application: {
      batch.state = std::move(processed.state);
      // The envelope is the server's word, the leaf is the sender's signature: they must say the same.
      const bool agrees = processed.sender && entry.sender &&
                          processed.sender->user_id == entry.sender->user_id &&
                          processed.sender->device_id == entry.sender->device_id;
      if (agrees) {
        batch.add_content(entry, std::move(processed.content));
      } else {
        batch.add_unreadable(entry, Unreadable::invalid);
      }
      return true;
    }
    case conversation::EntryKind::proposal:
      batch.state = std::move(processed.state);
      batch.advance(entry);
      if (processed.needs_commit == conversation::Flag::yes) batch.record.needs_commit = Yes::yes;
      return true;
    case conversation::EntryKind::commit:
      batch.state = processed.state;
      absorb_commit(batch, entry, processed);
      return true;
  }
  return true;
}

void EntryLog::absorb_commit(Batch& batch, const Entry& entry, ProcessedEntry& processed) {
  auto added = people_in(processed.added);
  std::erase_if(added, [&](const std::string& user) { return is_known(batch.record, user); });
  auto removed = people_in(processed.removed);
  if (added.empty() && removed.empty()) {
    batch.advance(entry);
  } else {
    auto& message = batch.add(entry, BodyKind::membership);
    message.added = std::move(added);
    message.removed = std::move(removed);
  }
  batch.members_changed = true;
  batch.record.needs_commit = Yes::no;
  if (processed.own == conversation::Flag::yes || processed.lost) batch.record.pending_commit.reset();
  if (processed.removed_self == conversation::Flag::yes) batch.record.membership = Membership::removed;
  if (processed.lost) batch.lost = std::move(processed.lost);
}

/// The group's state cannot follow any more: stand outside until the external commit, and say so to the
/// server.
Outcome<void> EntryLog::leave_behind(const std::string& conversation_id, std::uint64_t sequence) {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return {};
  (*record)->membership = Membership::awaiting;
  (*record)->pending_commit.reset();
  state_.forget_group(conversation_id);
  Changes changes;
  put(changes, text_key(conversation_id), **record);
  changes.remove(Table::mls, text_key(conversation_id));
  if (auto written = state_.write(changes); !written) return written;
  // The report is for the others: joining anew does not wait for it.
  (void)api_.report_unprocessable(conversation_id, sequence);
  return {};
}

Outcome<void> EntryLog::learn_members(const std::string& conversation_id) {
  const auto server = api_.conversation(conversation_id);
  if (!server) return std::unexpected(server.error());
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return {};
  (*record)->members = server->members;
  Changes changes;
  put(changes, text_key(conversation_id), **record);
  return state_.write(changes);
}

}  // namespace wardline::client
