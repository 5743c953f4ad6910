#include "client/messaging/entry_log.h"

#include "lib/mls/public/decode.h"

namespace wardline::client {

using conversation::Code;

namespace {

constexpr std::uint64_t kPage = 200;

}  // namespace

Outcome<void> EntryLog::catch_up(const std::string& conversation_id) {
  for (;;) {
    const auto record = state_.find<ConversationRecord>(text_key(conversation_id));
    if (!record) return std::unexpected(record.error());
    if (!*record || (*record)->membership != Membership::joined) return {};
    const auto page = api_.log(conversation_id, (*record)->applied, kPage);
    if (!page && page.error().code == "conversation-not-found") return leave(conversation_id);
    if (!page) return std::unexpected(page.error());
    // Held, and not by an entry: by who was in it before.
    if (page->entries.empty() && (*record)->untrusted == Yes::yes) return look_again(conversation_id);
    const auto applied = apply(conversation_id, page->entries);
    if (!applied) return std::unexpected(applied.error());
    if (applied->ended || applied->reached >= page->last_sequence || applied->reached <= (*record)->applied) {
      return {};
    }
  }
}

Outcome<void> EntryLog::arrived(const std::string& conversation_id, const std::vector<Entry>& entries) {
  const auto applied = apply(conversation_id, entries);
  if (!applied) return std::unexpected(applied.error());
  return applied->gap ? catch_up(conversation_id) : Outcome<void>();
}

std::optional<LostCommit> EntryLog::take_lost_commit(const std::string& conversation_id) {
  auto found = lost_.extract(conversation_id);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

std::vector<std::string> EntryLog::conversations_with_lost_commit() const {
  std::vector<std::string> ids;
  ids.reserve(lost_.size());
  for (const auto& [id, commit] : lost_) ids.push_back(id);
  return ids;
}

Outcome<EntryLog::Applied> EntryLog::apply(const std::string& conversation_id,
                                           const std::vector<Entry>& entries) {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->membership != Membership::joined) return Applied{.ended = true};
  EntryBatch batch{.record = std::move(**record)};
  const std::uint64_t before = batch.record.applied;
  const Yes untrusted_before = batch.record.untrusted;
  std::optional<std::uint64_t> lost_at;
  std::optional<Error> trouble;
  bool gap = false;
  for (const Entry& entry : entries) {
    if (entry.sequence <= batch.record.applied || entry.conversation_id != conversation_id) continue;
    gap = entry.sequence > batch.record.applied + 1;
    if (gap || batch.record.membership != Membership::joined) break;
    const auto fate = apply_one(batch, entry);
    if (!fate) trouble = fate.error();
    if (!fate) break;
    batch.record.untrusted = yes(*fate == Fate::untrusted);
    if (*fate == Fate::lost) lost_at = entry.sequence;
    if (*fate != Fate::applied) break;
  }
  const bool held = batch.record.untrusted == Yes::yes;
  if (held) device_log_.report_unlogged(conversation_id);
  // That entries can be followed says nothing about who was there before them.
  if (!held && untrusted_before == Yes::yes)
    batch.record.untrusted = yes(!are_members_known(conversation_id));
  if (batch.record.applied != before || batch.record.untrusted != untrusted_before) {
    batch.record.mine = merge(batch.record.mine, {batch.record.applied, 0, 0});
    if (auto kept = keep(batch); !kept) return std::unexpected(kept.error());
  }
  if (lost_at) {
    if (auto left = leave_behind(conversation_id, *lost_at); !left) return std::unexpected(left.error());
  } else if (batch.members_changed) {
    // Only for show: what fails here is learnt at the next sync.
    (void)learn_members(conversation_id);
  }
  if (trouble) return std::unexpected(*trouble);
  return Applied{gap, batch.record.applied, lost_at || held || batch.record.membership != Membership::joined};
}

Outcome<void> EntryLog::keep(EntryBatch& batch) {
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
  for (const std::string& checkpoint : batch.heard) device_log_.hear(checkpoint);
  return {};
}

Outcome<EntryLog::Fate> EntryLog::apply_one(EntryBatch& batch, const Entry& entry) {
  if (entry.kind == EntryKind::message && entry.sender && entry.sender->device_id == state_.me().device_id) {
    return apply_own(batch, entry);
  }
  const auto message = mls::decode_message(entry.body);
  auto group = state_.group(entry.conversation_id);
  if (!group && group.error().code == "disk") return std::unexpected(group.error());
  if (!group) return Fate::lost;
  if (!message) return survive(batch, entry, conversation::Failure::of(message.error()).code);
  auto processed = device_log_.trusting([&] { return (*group)->process(*message, state_.context()); });
  if (processed) {
    batch.absorb(entry, std::move(*processed));
    return Fate::applied;
  }
  // A server that keeps the log back must not get a device to leave its group and join another one.
  const conversation::Failure& failure = processed.error();
  if (failure.code == Code::unlogged_device) return Fate::untrusted;
  if (DeviceLog::is_about_trust(failure)) return std::unexpected(device_log_.error_of(failure));
  return survive(batch, entry, failure.code);
}

Outcome<EntryLog::Fate> EntryLog::survive(EntryBatch& batch, const Entry& entry, Code code) {
  if (entry.kind == EntryKind::commit || code == Code::future_epoch || code == Code::unreadable_state)
    return Fate::lost;
  // One message that does not open must not hold up the ones behind it.
  if (entry.kind == EntryKind::message) {
    batch.add_unreadable(entry, code == Code::keys_gone ? Unreadable::keys_gone : Unreadable::invalid);
  } else {
    batch.advance(entry);
  }
  return Fate::applied;
}

/// What this device sent it cannot decrypt (the ratchet has moved on): the words are those of the outbox.
Outcome<EntryLog::Fate> EntryLog::apply_own(EntryBatch& batch, const Entry& entry) {
  auto outgoing = state_.find<OutboxRecord>(text_key(entry.idempotency_id));
  if (!outgoing) return std::unexpected(outgoing.error());
  if (!*outgoing) {
    batch.add_unreadable(entry, Unreadable::sent_elsewhere);
    return Fate::applied;
  }
  batch.sent.emplace_back(entry.idempotency_id, entry.sequence);
  batch.add_content(entry, std::move((*outgoing)->content));
  return Fate::applied;
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

Outcome<void> EntryLog::hold(const std::string& conversation_id) {
  device_log_.report_unlogged(conversation_id);
  return put_untrusted(conversation_id, Yes::yes);
}

bool EntryLog::are_members_known(const std::string& conversation_id) {
  auto group = state_.group(conversation_id);
  return group && (*group)->prove_members(state_.context());
}

/// Where the log cannot be asked now, or contradicts itself, the conversation stays held.
Outcome<void> EntryLog::look_again(const std::string& conversation_id) {
  auto group = state_.group(conversation_id);
  if (!group) return std::unexpected(group.error());
  const auto proven = device_log_.trusting([&] { return (*group)->prove_members(state_.context()); });
  return proven ? put_untrusted(conversation_id, Yes::no) : Outcome<void>();
}

Outcome<void> EntryLog::put_untrusted(const std::string& conversation_id, Yes untrusted) {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->untrusted == untrusted) return {};
  (*record)->untrusted = untrusted;
  Changes changes;
  put(changes, text_key(conversation_id), **record);
  return state_.write(changes);
}

Outcome<void> EntryLog::leave(const std::string& conversation_id) {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->membership == Membership::removed) return {};
  (*record)->membership = Membership::removed;
  (*record)->pending_commit.reset();
  (*record)->untrusted = Yes::no;
  state_.forget_group(conversation_id);
  Changes changes;
  put(changes, text_key(conversation_id), **record);
  changes.remove(Table::mls, text_key(conversation_id));
  return state_.write(changes);
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
