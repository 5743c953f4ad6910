#include "server/delivery/creation.h"

#include <algorithm>

#include "lib/crypto/hash.h"
#include "server/delivery/handshakes.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

namespace {

/// What a retry has in common with the first try: every byte of the bundle.
Bytes digest_of(const CreateConversation& request) {
  Bytes digests;
  for (const Bytes* part : {&request.group_info_0, &request.commit, &request.welcome, &request.group_info}) {
    append(digests, crypto::sha256(*part));
  }
  return crypto::sha256(digests);
}

}  // namespace

core::Result<void> Creation::create(const policy::Subject& subject, const CreateConversation& request) {
  const auto match = request.match_id ? people_.find_match(subject.user, *request.match_id) : std::nullopt;
  auto done = parts_.database.write(
      [&](storage::Transaction& tx) { return create_once(tx, subject, request, match); });
  if (done) return {};
  return std::unexpected(note_refusal(parts_, subject, policy::Action::conversation_create,
                                      request.conversation, std::move(done.error())));
}

core::Result<void> Creation::create_once(storage::Transaction& tx, const policy::Subject& subject,
                                         const CreateConversation& request,
                                         const std::optional<PatientMatch>& match) {
  const auto before =
      tx.query("SELECT created_by, creation_digest FROM conversations WHERE conversation_id = $1",
               request.conversation);
  if (!before.empty()) {
    const bool same = before.front().get<core::UserId>(0) == subject.user &&
                      equal(before.front().bytes_view(1), digest_of(request));
    if (same) return {};
    return fail(ErrorKind::conflict, "conversation-exists",
                "There is another conversation with this id. Choose a new one.");
  }
  const auto permitted = policy::authorize<policy::Action::conversation_create>(parts_.policy, subject);
  if (!permitted) return std::unexpected(permitted.error());
  if (request.match_id && !match) {
    return fail(ErrorKind::conflict, "match-expired",
                "The patient was matched too long ago. Match the patient again.");
  }
  const auto patient = match ? std::optional(match->patient) : std::nullopt;
  const auto answered = check_.answered(tx, subject, request.users, patient, request.answers);
  if (!answered) return std::unexpected(answered.error());
  auto judged = judge(tx, subject, request);
  if (!judged) return std::unexpected(std::move(judged.error()));
  const MembershipPtr membership = store(tx, subject, request, match, *judged);
  parts_.journal.answered(tx, subject, *membership, *answered, request.answers);
  parts_.journal.conversation_created(tx, subject, *membership);
  return {};
}

core::Result<Judged> Creation::judge(storage::Transaction& tx, const policy::Subject& subject,
                                     const CreateConversation& request) {
  std::unordered_set<core::UserId> users(request.users.begin(), request.users.end());
  users.insert(subject.user);
  const std::size_t others = users.size() - 1;
  if (others == 0 || (request.kind == ConversationKind::direct && others != 1)) {
    return fail(ErrorKind::invalid, "direct-is-two",
                "A one-to-one conversation is with one other person, a group with at least one.");
  }
  if (users.size() > kMostMembers) {
    return fail(ErrorKind::too_large, "too-many-members", "A conversation has at most 1000 people.");
  }
  auto info = read_group_info(request.group_info_0);
  if (!info) return std::unexpected(std::move(info.error()));
  auto group = groups_.begin(*info, request.conversation);
  if (!group) return std::unexpected(std::move(group.error()));
  const auto creator = people_.owner_of(group->tree().leaf({0})->credential, parts_.clock.now());
  if (!creator || creator->user != subject.user || creator->device != subject.device) {
    return fail(ErrorKind::rejected, "wrong-committer", "A group is begun by the device that sends it.");
  }

  auto bundle = read_bundle(request.commit, request.welcome, request.group_info);
  if (!bundle) return std::unexpected(std::move(bundle.error()));
  auto verified = group->verify(bundle->commit);
  if (!verified) return std::unexpected(mls_rejected(verified.error()));
  auto staged = group->stage(*verified, groups_.validation());
  if (!staged) return std::unexpected(mls_rejected(staged.error()));
  if (auto fits = check_bundle(*bundle, *staged); !fits) return std::unexpected(std::move(fits.error()));
  if (staged->is_external || staged->changes.context_extensions || staged->changes.reinit ||
      !staged->changes.removed.empty()) {
    return fail(ErrorKind::rejected, "not-admitted",
                "The first commit of a conversation adds people and does nothing else.");
  }
  auto joining = admission_.owners_of(tx, staged->changes.added, users);
  if (!joining) return std::unexpected(std::move(joining.error()));
  Judged judged{
      std::move(*group), std::move(*staged), std::move(*bundle), std::move(*joining), {}, {}, {}, {}};
  judged.users_new.assign(users.begin(), users.end());
  return judged;
}

MembershipPtr Creation::store(storage::Transaction& tx, const policy::Subject& subject,
                              const CreateConversation& request, const std::optional<PatientMatch>& match,
                              Judged& judged) {
  const core::Time now = parts_.clock.now();
  NewConversation conversation{.conversation = request.conversation,
                               .kind = request.kind,
                               .cipher_suite = static_cast<std::uint16_t>(kCipherSuite),
                               .created_by = subject.user,
                               .created_at = now,
                               .creation_digest = digest_of(request)};
  if (match) {
    conversation.patient = match->patient;
    conversation.matched_on = match->matched_on;
  }
  const std::int64_t no = insert_conversation(tx, conversation);
  const auto entry = handshake_entry(request.conversation, 1, EntryKind::commit,
                                     EntrySender{subject.user, subject.device.value()}, 0, now,
                                     core::new_id<core::IdempotencyId>(), request.commit);
  const NumberedEntry numbered{no, entry.get()};
  insert_entries(tx, std::span(&numbered, 1), parts_.sealer);
  const JoiningDevice creator{subject.user, subject.device.value(), 0};
  add_members(tx, no, judged.users_new, 1);
  add_devices(tx, no, judged.joining, 1);
  add_devices(tx, no, std::span(&creator, 1), 0);  // The creator sees its own commit come back.
  insert_welcome(tx, no, 1, now, request.welcome, judged.staged.next.tree.encode_wire(), judged.joining);
  judged.group.apply(std::move(judged.staged)).value();  // Staged from this very group.
  put_group(tx, no, judged.group.epoch(), request.group_info, judged.group.save());

  const MembershipPtr membership = load_membership(tx, request.conversation);
  tx.after_commit([this, entry, membership, creator, group = std::move(judged.group),
                   joining = std::move(judged.joining)]() mutable {
    parts_.memberships.put(membership);
    groups_.keep(membership->conversation, membership->version, std::move(group));
    parts_.hub.follow_devices({creator.device}, membership->conversation, 0, 1);
    announce(parts_.hub, entry, joining, {});
  });
  return membership;
}

}  // namespace wardline::delivery
