#include "server/delivery/removals.h"

#include "lib/mls/public/external_proposal.h"
#include "server/delivery/bundle.h"
#include "server/delivery/handshakes.h"
#include "server/delivery/log_store.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

core::Result<void> Removals::remove_device(storage::Transaction& tx, core::DeviceId device) {
  tx.execute("DELETE FROM key_packages WHERE device_id = $1", device);
  tx.execute("DELETE FROM welcomes WHERE device_id = $1", device);
  for (const auto row :
       tx.query("SELECT c.conversation_id FROM conversation_devices AS d "
                "JOIN conversations AS c ON c.conversation_no = d.conversation_no "
                "WHERE d.device_id = $1 AND d.removed_sequence IS NULL AND NOT d.removal_pending",
                device)) {
    if (auto removed = remove_from(tx, row.get<core::ConversationId>(0), device); !removed) return removed;
  }
  tx.after_commit(
      [&hub = parts_.hub, device] { hub.notify_device(device, SessionEndedNotice{"device-revoked"}); });
  return {};
}

core::Result<void> Removals::propose_again(storage::Transaction& tx, core::ConversationId conversation) {
  const MembershipPtr membership = load_membership(tx, conversation);
  for (const auto& [device, member] : membership->devices) {
    if (!member.removal_pending) continue;
    if (auto proposed = remove_from(tx, conversation, device); !proposed) return proposed;
  }
  return {};
}

core::Result<void> Removals::remove_from(storage::Transaction& tx, core::ConversationId conversation,
                                         core::DeviceId device) {
  const MembershipPtr membership = load_membership(tx, conversation);
  const MemberDevice* member = membership ? membership->find(device) : nullptr;
  if (!member) return {};
  auto group = groups_.load(tx, *membership);
  if (!group) return std::unexpected(std::move(group.error()));
  auto proposal = mls::propose_externally(group->context().group_id, group->epoch(), 0,
                                          mls::Proposal{mls::Remove{{member->leaf_index}}}, signer_);
  if (!proposal) return fail(ErrorKind::internal, "signing-failed", "The server could not sign a removal.");
  auto verified = group->verify(mls::ReceivedMessage(*proposal));
  if (!verified) return std::unexpected(mls_rejected(verified.error()));
  if (const auto added = group->add_proposal(*verified, groups_.validation()); !added)
    return std::unexpected(mls_rejected(added.error()));

  const std::int64_t no = membership->conversation_no;
  const auto sequence = take_sequence(tx, no, membership->version);
  if (!sequence)
    return fail(ErrorKind::unavailable, "conversation-busy", "A conversation is changing. Try again.");
  mark_removal_pending(tx, no, device);
  const auto entry = handshake_entry(conversation, *sequence, EntryKind::proposal, std::nullopt,
                                     group->epoch(), parts_.clock.now(), core::new_id<core::IdempotencyId>(),
                                     tls::encode(mls::MlsMessage{std::move(*proposal)}));
  const NumberedEntry numbered{no, entry.get()};
  insert_entries(tx, std::span(&numbered, 1), parts_.sealer);
  put_public_state(tx, no, group->save());
  const MembershipPtr after = load_membership(tx, conversation);
  parts_.journal.device_removal_proposed(tx, *after, device, *sequence);
  tx.after_commit([this, entry, after, device, group = std::move(*group)]() mutable {
    parts_.memberships.put(after);
    groups_.keep(after->conversation, after->version, std::move(group));
    parts_.hub.unfollow(device, after->conversation);
    parts_.hub.publish(entry);
  });
  return {};
}

}  // namespace wardline::delivery
