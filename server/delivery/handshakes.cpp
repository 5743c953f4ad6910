#include "server/delivery/handshakes.h"

#include <algorithm>

#include "lib/mls/public/public_group.h"
#include "server/delivery/append_batch.h"
#include "server/delivery/bundle.h"
#include "server/delivery/retry.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

namespace {

const policy::Action kCommit = policy::Action::commit_send;

std::unexpected<core::Error> rejected(std::string_view code, std::string detail) {
  return fail(ErrorKind::rejected, code, std::move(detail));
}

}  // namespace

std::shared_ptr<LogEntry> handshake_entry(core::ConversationId conversation, std::int64_t sequence,
                                          EntryKind kind, std::optional<EntrySender> sender,
                                          std::uint64_t epoch, core::Time now,
                                          core::IdempotencyId idempotency, Bytes body) {
  auto entry = std::make_shared<LogEntry>();
  entry->conversation = conversation;
  entry->sequence = sequence;
  entry->kind = kind;
  entry->sender = sender;
  entry->epoch = epoch;
  entry->stored_at = now;
  entry->idempotency = idempotency;
  entry->body = std::move(body);
  return entry;
}

core::Error note_refusal(const DeliveryParts& parts, const policy::Subject& subject, policy::Action action,
                         core::ConversationId conversation, core::Error error) {
  const bool of_others = error.code == conversation_not_found().error().code;
  if (error.kind != ErrorKind::rejected && error.kind != ErrorKind::denied && !of_others) return error;
  const auto written = parts.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    parts.journal.refused(tx, subject, action, conversation, error);
    return {};
  });
  return written ? error : written.error();
}

void announce(Hub& hub, const LogEntryPtr& entry, const std::vector<JoiningDevice>& joining,
              const std::vector<core::DeviceId>& leaving) {
  hub.publish(entry);
  for (const core::DeviceId& device : leaving) hub.unfollow(device, entry->conversation);
  std::vector<core::DeviceId> devices;
  devices.reserve(joining.size());
  for (const JoiningDevice& device : joining) devices.push_back(device.device);
  hub.follow_devices(devices, entry->conversation, entry->sequence, entry->sequence);
  for (const core::DeviceId& device : devices) hub.notify_device(device, WelcomeNotice{entry->conversation});
}

core::Result<Committed> Handshakes::commit(const policy::Subject& subject, const SendCommit& request) {
  auto done =
      parts_.database.write([&](storage::Transaction& tx) { return commit_once(tx, subject, request); });
  if (!done)
    return std::unexpected(
        note_refusal(parts_, subject, kCommit, request.conversation, std::move(done.error())));
  return done;
}

core::Result<Committed> Handshakes::commit_once(storage::Transaction& tx, const policy::Subject& subject,
                                                const SendCommit& request) {
  const RetryKey key{subject.device.value(), request.idempotency};
  if (const auto stored = find_stored(tx, std::span(&key, 1)).front()) {
    if (auto same = check_retry(tx, *stored, request.conversation, request.commit, parts_.sealer); !same)
      return std::unexpected(std::move(same.error()));
    return Committed{stored->sequence, request.epoch + 1};
  }
  const MembershipPtr membership = load_membership(tx, request.conversation);
  if (!membership || !membership->users.contains(subject.user)) return conversation_not_found();
  const auto permitted =
      policy::authorize<policy::Action::commit_send>(parts_.policy, subject, {.member = true});
  if (!permitted) return std::unexpected(permitted.error());
  if (request.epoch != membership->epoch) return moved_on("epoch-taken", membership->epoch);

  auto judged = judge(tx, subject, *membership, request);
  if (!judged) return std::unexpected(std::move(judged.error()));
  const auto sequence =
      advance(tx, membership->conversation_no, membership->version, judged->staged.next.context.epoch);
  if (!sequence) return moved_on("epoch-taken", membership->epoch);
  store(tx, subject, *membership, request, *judged, *sequence);
  if (auto again = removals_.propose_again(tx, request.conversation); !again)
    return std::unexpected(std::move(again.error()));
  return Committed{*sequence, request.epoch + 1};
}

core::Result<Judged> Handshakes::judge(storage::Transaction& tx, const policy::Subject& subject,
                                       const Membership& membership, const SendCommit& request) {
  auto bundle = read_bundle(request.commit, request.welcome, request.group_info);
  if (!bundle) return std::unexpected(std::move(bundle.error()));
  auto group = groups_.load(tx, membership);
  if (!group) return std::unexpected(std::move(group.error()));
  auto verified = group->verify(bundle->commit);
  if (!verified) return std::unexpected(mls_rejected(verified.error()));
  auto staged = group->stage(*verified, groups_.validation());
  if (!staged) return std::unexpected(mls_rejected(staged.error()));
  if (auto fits = check_bundle(*bundle, *staged); !fits) return std::unexpected(std::move(fits.error()));
  Judged judged{std::move(*group), std::move(*staged), std::move(*bundle), {}, {}, {}, {}, {}};
  if (auto admitted = admission_.judge(tx, subject, membership, request, judged); !admitted) {
    return std::unexpected(std::move(admitted.error()));
  }
  return judged;
}

void Handshakes::store(storage::Transaction& tx, const policy::Subject& subject, const Membership& before,
                       const SendCommit& request, Judged& judged, std::int64_t sequence) {
  const std::int64_t no = before.conversation_no;
  const core::Time now = parts_.clock.now();
  const auto entry = handshake_entry(request.conversation, sequence, EntryKind::commit,
                                     EntrySender{subject.user, subject.device.value()}, request.epoch, now,
                                     request.idempotency, request.commit);
  const NumberedEntry numbered{no, entry.get()};
  insert_entries(tx, std::span(&numbered, 1), parts_.sealer);
  // First those who go: a device that comes back in the same commit is there in the end.
  remove_devices(tx, no, judged.leaving, sequence);
  add_devices(tx, no, judged.joining, sequence);
  remove_members(tx, no, judged.users_gone, sequence);
  add_members(tx, no, judged.users_new, sequence);
  if (judged.bundle.welcome) {
    insert_welcome(tx, no, sequence, now, *request.welcome, judged.staged.next.tree.encode_wire(),
                   judged.welcomed());
  }
  judged.group.apply(std::move(judged.staged)).value();  // Staged from this very group.
  put_group(tx, no, judged.group.epoch(), request.group_info, judged.group.save());

  const MembershipPtr after = load_membership(tx, request.conversation);
  std::vector<core::UserId> touched = judged.users_new;
  touched.insert(touched.end(), judged.users_gone.begin(), judged.users_gone.end());
  parts_.journal.answered(tx, subject, *after, judged.answered, request.answers);
  parts_.journal.handshake(tx, subject, kCommit, *after, sequence, touched);
  tx.after_commit([this, entry, after, group = std::move(judged.group), joining = std::move(judged.joining),
                   leaving = std::move(judged.leaving)]() mutable {
    parts_.memberships.put(after);
    groups_.keep(after->conversation, after->version, std::move(group));
    announce(parts_.hub, entry, joining, leaving);
  });
}

core::Result<std::int64_t> Handshakes::propose(const policy::Subject& subject, const SendProposal& request) {
  auto done =
      parts_.database.write([&](storage::Transaction& tx) { return propose_once(tx, subject, request); });
  if (!done) {
    return std::unexpected(note_refusal(parts_, subject, policy::Action::proposal_send, request.conversation,
                                        std::move(done.error())));
  }
  return done;
}

core::Result<std::int64_t> Handshakes::propose_once(storage::Transaction& tx, const policy::Subject& subject,
                                                    const SendProposal& request) {
  const RetryKey key{subject.device.value(), request.idempotency};
  if (const auto stored = find_stored(tx, std::span(&key, 1)).front()) {
    if (auto same = check_retry(tx, *stored, request.conversation, request.proposal, parts_.sealer); !same)
      return std::unexpected(std::move(same.error()));
    return stored->sequence;
  }
  const MembershipPtr membership = load_membership(tx, request.conversation);
  const MemberDevice* device = membership ? membership->find(subject.device.value()) : nullptr;
  if (!device || device->removal_pending) return conversation_not_found();
  const auto permitted =
      policy::authorize<policy::Action::proposal_send>(parts_.policy, subject, {.member = true});
  if (!permitted) return std::unexpected(permitted.error());
  if (request.epoch != membership->epoch) return moved_on("stale-epoch", membership->epoch);

  auto received = mls::ReceivedMessage::decode(request.proposal);
  if (!received) return std::unexpected(mls_rejected(received.error()));
  auto group = groups_.load(tx, *membership);
  if (!group) return std::unexpected(std::move(group.error()));
  auto verified = group->verify(std::move(*received));
  if (!verified) return std::unexpected(mls_rejected(verified.error()));
  if (!verified->proposal() || verified->sender() != mls::Sender::member({device->leaf_index})) {
    return rejected("wrong-sender", "A device proposes under its own leaf only.");
  }
  // What others must commit for one: renewing or leaving. Everything else goes into a commit of one's own,
  // where it is judged.
  const auto* remove = verified->proposal()->as<mls::Remove>();
  const bool leaves = remove && remove->removed.value == device->leaf_index;
  if (!leaves && !verified->proposal()->as<mls::Update>()) {
    return rejected("proposal-not-allowed",
                    "By proposal a device may renew its keys or leave. Commit everything else.");
  }
  if (const auto added = group->add_proposal(*verified, groups_.validation()); !added)
    return std::unexpected(mls_rejected(added.error()));

  const auto sequence = take_sequence(tx, membership->conversation_no, membership->version);
  if (!sequence) return moved_on("stale-epoch", membership->epoch);
  const auto entry = handshake_entry(request.conversation, *sequence, EntryKind::proposal,
                                     EntrySender{subject.user, subject.device.value()}, request.epoch,
                                     parts_.clock.now(), request.idempotency, request.proposal);
  const NumberedEntry numbered{membership->conversation_no, entry.get()};
  insert_entries(tx, std::span(&numbered, 1), parts_.sealer);
  put_public_state(tx, membership->conversation_no, group->save());
  const MembershipPtr after = load_membership(tx, request.conversation);
  parts_.journal.handshake(tx, subject, policy::Action::proposal_send, *after, *sequence, {});
  tx.after_commit([this, entry, after, group = std::move(*group)]() mutable {
    parts_.memberships.put(after);
    groups_.keep(after->conversation, after->version, std::move(group));
    parts_.hub.publish(entry);
  });
  return *sequence;
}

core::Result<JoinInformation> Handshakes::join_information(const policy::Subject& subject,
                                                           core::ConversationId conversation) {
  auto found = parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<JoinInformation> {
    const MembershipPtr membership = load_membership(tx, conversation);
    if (!membership || !membership->users.contains(subject.user)) return conversation_not_found();
    const auto permitted =
        policy::authorize<policy::Action::group_info_read>(parts_.policy, subject, {.member = true});
    if (!permitted) return std::unexpected(permitted.error());
    auto group = groups_.load(tx, *membership);
    if (!group) return std::unexpected(std::move(group.error()));
    auto info = tx.query_value<Bytes>("SELECT group_info FROM conversation_groups WHERE conversation_no = $1",
                                      membership->conversation_no);
    return JoinInformation{membership->epoch, std::move(*info), group->tree().encode_wire()};
  });
  if (found) return found;
  return std::unexpected(
      note_refusal(parts_, subject, policy::Action::group_info_read, conversation, std::move(found.error())));
}

core::Result<void> Handshakes::report(const policy::Subject& subject, core::ConversationId conversation,
                                      std::int64_t sequence) {
  auto done = parts_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    const MembershipPtr membership = load_membership(tx, conversation);
    if (!membership || !membership->users.contains(subject.user)) return conversation_not_found();
    const auto permitted =
        policy::authorize<policy::Action::delivery_report>(parts_.policy, subject, {.member = true});
    if (!permitted) return std::unexpected(permitted.error());
    const auto origin = find_origin(tx, membership->conversation_no, sequence);
    if (!origin) return fail(ErrorKind::not_found, "entry-not-found", "The conversation has no such entry.");
    parts_.journal.reported(tx, subject, *membership, sequence, origin->sender);
    return {};
  });
  if (done) return done;
  return std::unexpected(
      note_refusal(parts_, subject, policy::Action::delivery_report, conversation, std::move(done.error())));
}

}  // namespace wardline::delivery
