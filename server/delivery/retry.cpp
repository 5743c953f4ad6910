#include "server/delivery/retry.h"

#include "server/delivery/membership.h"

namespace wardline::delivery {

core::Error idempotency_reused() {
  return {core::ErrorKind::conflict,
          "idempotency-reused",
          "This idempotency id was used for something else. Send it under a new one.",
          {}};
}

core::Result<void> check_retry(storage::ReadTransaction& tx, const StoredAs& stored,
                               core::ConversationId conversation, ByteView body, const BodySealer& sealer) {
  const MembershipPtr membership =
      stored.conversation == conversation ? load_membership(tx, conversation) : nullptr;
  if (membership) {
    const auto entries = read_entries(tx, membership->conversation_no, conversation, stored.sequence - 1,
                                      stored.sequence, 1, sealer);
    // What was shredded since can not be compared any more; it was stored, and that is the question.
    if (!entries && entries.error().code == "shredded") return {};
    if (!entries) return std::unexpected(entries.error());
    if (!entries->empty() && equal(entries->front()->body, body)) return {};
  }
  return std::unexpected(idempotency_reused());
}

}  // namespace wardline::delivery
