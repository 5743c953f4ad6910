#include "client/messaging/outbox.h"

#include <set>

namespace wardline::client {
namespace {

constexpr int kMostAttempts = 6;

std::unexpected<Error> refused(const SentRecord& record) {
  return std::unexpected(Error(record.refused_code, record.refused_detail));
}

/// Why a message cannot be encrypted yet; the rest of what encryption refuses stays refused.
bool asks_for_commit(const conversation::Failure& failure) {
  return failure.code == conversation::Code::commit_needed;
}

/// The content with a checkpoint of the device log for its readers to compare (ENC-8), if there is room.
SecretBytes with_checkpoint(const SecretBytes& bytes, std::string checkpoint) {
  auto content = content::decode(bytes.view());
  if (!content || content->device_log) return bytes.copy();
  content->device_log = std::move(checkpoint);
  auto more = content::encode(*content);
  return more ? SecretBytes(std::move(*more)) : bytes.copy();
}

}  // namespace

Outcome<Sent> Outbox::send(const Outgoing& message) {
  if (const auto before = sent_before(message.conversation_id, message.id); !before || *before) {
    return before ? Outcome<Sent>(**before) : std::unexpected(before.error());
  }
  auto content = content::encode(message.content);
  if (!content) {
    return failed("bad-content", "The message is too long, not UTF-8, or names something that is no id.");
  }
  if (auto queued = enqueue(message, std::move(*content)); !queued) return std::unexpected(queued.error());
  const auto drained = drain(message.conversation_id);
  const auto record = state_.find<SentRecord>(text_key(message.id));
  if (!record) return std::unexpected(record.error());
  if (!*record) {
    return drained
               ? Outcome<Sent>(failed("not-sent", "The message waits and goes out with the next command."))
               : std::unexpected(drained.error());
  }
  if ((*record)->sequence == 0) return refused(**record);
  return Sent{message.id, (*record)->sequence};
}

Outcome<std::optional<Sent>> Outbox::sent_before(const std::string& conversation_id,
                                                 const std::string& id) const {
  const auto record = state_.find<SentRecord>(text_key(id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return std::optional<Sent>();
  if ((*record)->conversation_id != conversation_id) {
    return failed("id-used", "A message with this id went to another conversation. Use a new id.");
  }
  if ((*record)->sequence == 0) return refused(**record);
  return std::optional(Sent{id, (*record)->sequence});
}

Outcome<void> Outbox::enqueue(const Outgoing& message, Bytes content) {
  const auto waiting = state_.list<OutboxRecord>();
  if (!waiting) return std::unexpected(waiting.error());
  std::uint64_t position = 1;
  for (const OutboxRecord& each : *waiting) {
    if (each.id == message.id && each.conversation_id == message.conversation_id) return {};
    if (each.id == message.id)
      return failed("id-used", "A message with this id waits for another conversation.");
    position = std::max(position, each.position + 1);
  }
  const OutboxRecord record{message.id,       message.conversation_id,
                            position,         SecretBytes(std::move(content)),
                            message.priority, yes(message.needs_acknowledgement),
                            std::nullopt,     std::nullopt};
  Changes changes;
  put(changes, text_key(message.id), record);
  return state_.write(changes);
}

Outcome<void> Outbox::flush() {
  const auto waiting = state_.list<OutboxRecord>();
  if (!waiting) return std::unexpected(waiting.error());
  std::set<std::string> conversations;
  for (const OutboxRecord& each : *waiting) {
    if (!each.sequence) conversations.insert(each.conversation_id);
  }
  for (const std::string& id : conversations) {
    const auto drained = drain(id);
    if (!drained && (drained.error().is_transient() || drained.error().status == 401)) return drained;
  }
  return {};
}

Outcome<void> Outbox::drain(const std::string& conversation_id) {
  auto waiting = state_.list<OutboxRecord>();
  if (!waiting) return std::unexpected(waiting.error());
  std::ranges::sort(*waiting, {}, &OutboxRecord::position);
  for (OutboxRecord& record : *waiting) {
    if (record.conversation_id != conversation_id || record.sequence) continue;
    const std::string id = record.id;
    const auto delivered = deliver(std::move(record));
    if (!delivered) {
      // A message that was refused is recorded as such; what comes behind it goes on.
      const auto known = state_.find<SentRecord>(text_key(id));
      if (!known || !*known) return std::unexpected(delivered.error());
    }
  }
  return {};
}

Outcome<std::uint64_t> Outbox::deliver(OutboxRecord record) {
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const auto conversation = admit(record.conversation_id);
    if (!conversation && conversation.error().code == "not-a-member")
      (void)mark_refused(record, conversation.error());
    if (!conversation) return std::unexpected(conversation.error());
    if (auto prepared = prepare(record, *conversation); !prepared) {
      // Who was removed will not be able to send it later either.
      if (prepared.error().code == "not-a-member") (void)mark_refused(record, prepared.error());
      return std::unexpected(prepared.error());
    }
    const auto sequence = api_.post_message(
        record.conversation_id, {record.id, record.prepared->epoch, record.prepared->message, record.priority,
                                 record.needs_acknowledgement == Yes::yes});
    if (sequence) {
      if (auto marked = mark_sent(record, *sequence); !marked) return std::unexpected(marked.error());
      return *sequence;
    }
    if (auto resolved = resolve(record, sequence.error()); !resolved)
      return std::unexpected(resolved.error());
  }
  return failed("busy",
                "Who is in this conversation changes faster than the message can be encrypted. Try again.");
}

Outcome<ConversationRecord> Outbox::admit(const std::string& conversation_id) const {
  if (auto calm = device_log_.calm(); !calm) return std::unexpected(calm.error());
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return failed("no-such-conversation", "You are in no conversation with this id.");
  if ((*record)->membership == Membership::removed)
    return failed("not-a-member", "You are not in this conversation any more.");
  if ((*record)->untrusted == Yes::yes)
    return std::unexpected(Error(conversation::Failure{.code = conversation::Code::unlogged_device}));
  return std::move(**record);
}

/// Encrypts, and writes ciphertext and ratchet together: the same bytes go out again after a crash.
Outcome<void> Outbox::prepare(OutboxRecord& record, const ConversationRecord& conversation) {
  if (record.prepared) return {};
  const auto telling = device_log_.to_tell(conversation.told_log_size);
  const SecretBytes content =
      telling ? with_checkpoint(record.content, telling->checkpoint) : record.content.copy();
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto group = state_.group(record.conversation_id);
    if (!group) return std::unexpected(group.error());
    auto message = device_log_.trusting([&] { return (*group)->protect(content.view(), state_.context()); });
    if (message) {
      record.prepared =
          PreparedMessage{message->epoch, std::move(message->message), telling ? telling->size : 0};
      Changes changes;
      put(changes, text_key(record.id), record);
      DeviceState::put_group(changes, record.conversation_id, message->state);
      return state_.write(changes);
    }
    if (message.error().code == conversation::Code::unlogged_device) {
      if (auto held = log_.hold(record.conversation_id); !held) return held;
    }
    if (!asks_for_commit(message.error()) || attempt > 0)
      return std::unexpected(device_log_.error_of(message.error()));
    if (auto caught_up = log_.catch_up(record.conversation_id); !caught_up) return caught_up;
    if (auto committed = groups_.commit_waiting(record.conversation_id); !committed) return committed;
  }
  return {};
}

Outcome<void> Outbox::resolve(OutboxRecord& record, const Error& error) {
  record.prepared.reset();
  if (error.code == "stale-epoch") return log_.catch_up(record.conversation_id);
  // Where this person is not, there is nothing; the next attempt says so.
  if (error.code == "conversation-not-found") return log_.leave(record.conversation_id);
  if (error.code == "epoch-closing") {
    if (auto caught_up = log_.catch_up(record.conversation_id); !caught_up) return caught_up;
    return groups_.commit_waiting(record.conversation_id);
  }
  if (!error.is_transient() && error.status != 401 && error.status != 0) {
    if (auto marked = mark_refused(record, error); !marked) return marked;
  }
  return std::unexpected(error);
}

/// The entry may have come back through the log already: then the outbox has done its part.
Outcome<void> Outbox::mark_sent(const OutboxRecord& record, std::uint64_t sequence) {
  Changes changes;
  put(changes, text_key(record.id), SentRecord{record.conversation_id, sequence, {}, {}});
  auto waiting = state_.find<OutboxRecord>(text_key(record.id));
  if (!waiting) return std::unexpected(waiting.error());
  if (*waiting) {
    (*waiting)->prepared.reset();
    (*waiting)->sequence = sequence;
    put(changes, text_key(record.id), **waiting);
  }
  auto conversation = state_.find<ConversationRecord>(text_key(record.conversation_id));
  if (!conversation) return std::unexpected(conversation.error());
  if (*conversation && record.prepared && record.prepared->log_size != 0) {
    (*conversation)->told_log_size = record.prepared->log_size;
    put(changes, text_key(record.conversation_id), **conversation);
  }
  return state_.write(changes);
}

Outcome<void> Outbox::mark_refused(const OutboxRecord& record, const Error& error) {
  Changes changes;
  changes.remove(Table::outbox, text_key(record.id));
  put(changes, text_key(record.id), SentRecord{record.conversation_id, 0, error.code, error.detail});
  return state_.write(changes);
}

}  // namespace wardline::client
