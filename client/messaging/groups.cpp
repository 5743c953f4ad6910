#include "client/messaging/groups.h"

#include <set>

#include "client/account/uuid.h"
#include "client/messaging/joining.h"

namespace wardline::client {

using conversation::Conversation;
using conversation::Intent;

namespace {

constexpr int kMostRounds = 8;

std::vector<std::string> without_doubles(const std::set<std::string>& users) {
  return {users.begin(), users.end()};
}

/// The server said no, and will say so again.
bool is_final(const Error& error) {
  return error.status != 0 && !error.is_transient() && error.status != 401;
}

}  // namespace

Outcome<std::vector<conversation::NewMember>> Groups::claim(const std::string& conversation_id,
                                                            const std::vector<std::string>& user_ids) {
  auto claim = api_.claim_key_packages(conversation_id, user_ids);
  if (!claim) return std::unexpected(claim.error());
  std::erase(claim->without_device, state_.me().user_id);
  if (!claim->without_device.empty()) {
    return failed("without-device", "Somebody has no device yet that could open a message: " +
                                        claim->without_device.front() + ". Reach them another way.");
  }
  std::vector<conversation::NewMember> members;
  for (ClaimedKeyPackage& each : claim->claimed) {
    if (each.device_id == state_.me().device_id) continue;
    members.push_back({{std::move(each.user_id), std::move(each.device_id)}, std::move(each.key_package)});
  }
  return members;
}

Outcome<std::string> Groups::start(const Beginning& wish) {
  if (auto resumed = resume_starts(); !resumed) return std::unexpected(resumed.error());
  const auto before = begun_before(wish);
  if (!before) return std::unexpected(before.error());
  if (*before) return **before;
  std::string id = new_uuid();
  auto everybody = wish.user_ids;
  everybody.push_back(state_.me().user_id);  // This person's other devices.
  const auto members = claim(id, everybody);
  if (!members) return std::unexpected(members.error());
  auto made = device_log_.trusting(
      [&] { return Conversation::create(id_bytes(id), *members, state_.sealing_key(), state_.context()); });
  if (!made) return std::unexpected(device_log_.error_of(made.error()));
  const auto& pending = made->created.first.pending;
  const CreationRecord creation{{id, wish.kind, wish.user_ids,
                                 wish.patient ? std::optional(wish.patient->match_id) : std::nullopt,
                                 made->created.group_info_0, pending.commit,
                                 pending.welcome.value_or(Bytes()), pending.group_info, wish.answers}};
  Changes changes;
  put(changes, text_key(id), creation);
  DeviceState::put_group(changes, id, made->created.first.state);
  if (auto written = state_.write(changes); !written) return std::unexpected(written.error());
  state_.keep_group(id, std::move(made->conversation));
  if (auto finished = finish_start(creation); !finished) return std::unexpected(finished.error());
  return id;
}

Outcome<std::optional<std::string>> Groups::begun_before(const Beginning& wish) const {
  std::set<std::string> people(wish.user_ids.begin(), wish.user_ids.end());
  people.insert(state_.me().user_id);
  const auto patient = wish.patient ? std::optional(wish.patient->patient.patient_id) : std::nullopt;
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  for (const ConversationRecord& record : *records) {
    std::set<std::string> members;
    for (const Member& member : record.members) members.insert(member.user_id);
    if (record.kind != wish.kind || record.patient_id != patient || members != people) continue;
    const auto unused = is_unused(record);
    if (!unused) return std::unexpected(unused.error());
    if (*unused) return std::optional(record.id);
  }
  return std::optional<std::string>();
}

/// Begun by this device, and nothing said in it or on its way there.
Outcome<bool> Groups::is_unused(const ConversationRecord& record) const {
  const bool begun_here = record.joined_after == 0;  // Whoever was let in joined after the commit that did.
  if (!begun_here || record.membership != Membership::joined || record.closed == Yes::yes) return false;
  const auto messages =
      state_.list<MessageRecord>({message_key(record.id, 0), message_key(record.id, UINT64_MAX)});
  if (!messages) return std::unexpected(messages.error());
  const auto waiting = state_.list<OutboxRecord>();
  if (!waiting) return std::unexpected(waiting.error());
  return std::ranges::none_of(*messages,
                              [](const MessageRecord& each) { return each.body != BodyKind::membership; }) &&
         std::ranges::find(*waiting, record.id, &OutboxRecord::conversation_id) == waiting->end();
}

Outcome<void> Groups::finish_start(const CreationRecord& creation) {
  const std::string& id = creation.bundle.conversation_id;
  const auto created = api_.create_conversation(creation.bundle);
  Changes changes;
  changes.remove(Table::creations, text_key(id));
  if (!created) {
    if (!is_final(created.error())) return std::unexpected(created.error());
    state_.forget_group(id);
    changes.remove(Table::mls, text_key(id));
    if (auto written = state_.write(changes); !written) return written;
    return std::unexpected(created.error());
  }
  auto group = state_.group(id);
  if (!group) return std::unexpected(group.error());
  if ((*group)->describe(state_.context()).pending) {
    const auto merged = (*group)->merge_pending(state_.context());
    if (!merged) return failed(merged);
    DeviceState::put_group(changes, id, merged->state);
  }
  // The cursor is 0: the creator reads the log from its beginning, and its own first commit is passed over
  // there.
  ConversationRecord record;
  learn(record, *created);
  record.membership = Membership::joined;
  put(changes, text_key(id), record);
  return state_.write(changes);
}

Outcome<void> Groups::resume_starts() {
  const auto creations = state_.list<CreationRecord>();
  if (!creations) return std::unexpected(creations.error());
  for (const CreationRecord& creation : *creations) {
    const auto finished = finish_start(creation);
    if (!finished && !is_final(finished.error())) return finished;
  }
  return {};
}

Outcome<void> Groups::add(const std::string& conversation_id, const std::vector<std::string>& user_ids,
                          const Answers& answers) {
  const auto members = claim(conversation_id, user_ids);
  if (!members) return std::unexpected(members.error());
  return change(conversation_id, {new_uuid(), user_ids, {}, answers}, [&](Conversation& group) -> Staging {
    return group.commit({*members, {}}, state_.context());
  });
}

Outcome<void> Groups::remove(const std::string& conversation_id, const std::string& user_id) {
  return change(conversation_id, {new_uuid(), {}, {user_id}, {}}, [&](Conversation& group) -> Staging {
    auto devices = group.describe(state_.context()).members;
    std::erase_if(devices, [&](const conversation::Device& each) { return each.user_id != user_id; });
    if (devices.empty()) return conversation::failed(conversation::Code::not_a_member);
    return group.commit({{}, std::move(devices)}, state_.context());
  });
}

Outcome<void> Groups::commit_waiting(const std::string& conversation_id) {
  const auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->needs_commit == Yes::no) return {};
  return change(conversation_id, {new_uuid(), {}, {}, {}},
                [&](Conversation& group) -> Staging { return group.commit({}, state_.context()); });
}

Outcome<void> Groups::resume_commit(const std::string& conversation_id) {
  const auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record || !(*record)->pending_commit) return {};
  auto group = state_.group(conversation_id);
  if (!group) return std::unexpected(group.error());
  auto pending = (*group)->describe(state_.context()).pending;
  if (!pending) return {};
  return settle(conversation_id, {std::move(*pending), *(*record)->pending_commit});
}

Outcome<void> Groups::rebase_lost(const std::string& conversation_id) {
  auto next = restage(conversation_id);
  if (!next) return std::unexpected(next.error());
  return *next ? settle(conversation_id, std::move(**next)) : Outcome<void>();
}

template <class Make>
Outcome<void> Groups::change(const std::string& conversation_id, PendingCommitRecord record,
                             const Make& make) {
  auto staged = stage(conversation_id, std::move(record), make);
  if (!staged) return std::unexpected(staged.error());
  return *staged ? settle(conversation_id, std::move(**staged)) : Outcome<void>();
}

/// Makes a commit and writes it down before anybody hears of it.
template <class Make>
Outcome<std::optional<Groups::Staged>> Groups::stage(const std::string& conversation_id,
                                                     PendingCommitRecord pending_record, const Make& make) {
  auto group = state_.group(conversation_id);
  if (!group) return std::unexpected(group.error());
  auto made = device_log_.trusting([&] { return make(**group); });
  if (!made) return std::unexpected(device_log_.error_of(made.error()));
  if (!*made) return std::optional<Staged>();
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return failed("not-joined", "This device does not know that conversation.");
  (*record)->pending_commit = pending_record;
  Changes changes;
  put(changes, text_key(conversation_id), **record);
  DeviceState::put_group(changes, conversation_id, (*made)->state);
  if (auto written = state_.write(changes); !written) return std::unexpected(written.error());
  return std::optional(Staged{std::move((*made)->pending), std::move(pending_record)});
}

Outcome<void> Groups::settle(const std::string& conversation_id, Staged staged) {
  for (int round = 0; round < kMostRounds; ++round) {
    const auto answered = offer(conversation_id, staged);
    if (!answered) return std::unexpected(answered.error());
    if (*answered == Answered::accepted) {
      // The log brings it back and tells of who came and went; where it cannot be read now, it is merged as
      // it is.
      (void)log_.catch_up(conversation_id);
      return finish(conversation_id, Ending::merge);
    }
    if (auto caught_up = log_.catch_up(conversation_id); !caught_up) return caught_up;
    auto next = restage(conversation_id);
    if (!next) return std::unexpected(next.error());
    if (!*next) return {};
    staged = std::move(**next);
  }
  return failed("busy", "Others change who is in this conversation at this moment. Try again.");
}

Outcome<Groups::Answered> Groups::offer(const std::string& conversation_id, const Staged& staged) {
  const auto answer = api_.post_commit(
      conversation_id, {staged.record.idempotency_id, staged.pending.epoch, staged.pending.commit,
                        staged.pending.welcome, staged.pending.group_info, staged.record.user_ids_added,
                        staged.record.user_ids_removed, staged.record.answers});
  if (answer) return Answered::accepted;
  if (answer.error().code == "epoch-taken") return Answered::epoch_taken;
  if (is_final(answer.error())) {
    if (auto dropped = finish(conversation_id, Ending::drop); !dropped)
      return std::unexpected(dropped.error());
  }
  return std::unexpected(answer.error());
}

Outcome<std::optional<Groups::Staged>> Groups::restage(const std::string& conversation_id) {
  const auto lost = log_.take_lost_commit(conversation_id);
  // Nothing was lost: the commit that took the epoch was our own, its answer had gone astray.
  if (!lost) return std::optional<Staged>();
  const auto& [intent, before] = *lost;
  std::set<std::string> added(before.user_ids_added.begin(), before.user_ids_added.end());
  std::set<std::string> removed(before.user_ids_removed.begin(), before.user_ids_removed.end());
  for (const auto& member : intent.add) added.insert(member.device.user_id);
  for (const auto& device : intent.remove) removed.insert(device.user_id);
  return stage(conversation_id,
               {new_uuid(), without_doubles(added), without_doubles(removed), before.answers},
               [&, &wish = intent](Conversation& group) { return group.rebase(wish, state_.context()); });
}

conversation::Outcome<conversation::SealedState> Groups::end_pending(Conversation& group, Ending ending) {
  if (ending == Ending::drop) return group.drop_pending();
  auto merged = group.merge_pending(state_.context());
  if (!merged) return std::unexpected(merged.error());
  return std::move(merged->state);
}

Outcome<void> Groups::finish(const std::string& conversation_id, Ending ending) {
  auto record = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  auto group = state_.group(conversation_id);
  if (!group) return std::unexpected(group.error());
  Changes changes;
  // The echo of our commit may have merged it already.
  if ((*group)->describe(state_.context()).pending) {
    const auto state = end_pending(**group, ending);
    if (!state) return failed(state);
    DeviceState::put_group(changes, conversation_id, *state);
  }
  if (*record) {
    (*record)->pending_commit.reset();
    if (ending == Ending::merge) (*record)->needs_commit = Yes::no;
    put(changes, text_key(conversation_id), **record);
  }
  return state_.write(changes);
}

}  // namespace wardline::client
