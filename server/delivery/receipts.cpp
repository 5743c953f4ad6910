#include "server/delivery/receipts.h"

#include <algorithm>

#include "server/delivery/conversations.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

Receipts::Receipts(const DeliveryParts& parts)
    : parts_(parts), commits_(parts.database, [this](storage::Transaction& tx, std::span<const Item> items) {
        return write(tx, items);
      }) {}

core::Result<void> Receipts::record(const policy::Subject& subject, core::ConversationId conversation,
                                    ReceiptMarks marks, ReceiptDone done) {
  marks.read = std::max(marks.read, marks.acknowledged);
  marks.delivered = std::max(marks.delivered, marks.read);
  return commits_.submit(Item{subject, conversation, marks},
                         [done = std::move(done)](core::Result<Nothing> result) mutable {
                           if (result) return done({});
                           done(std::unexpected(std::move(result.error())));
                         });
}

std::vector<core::Result<Receipts::Nothing>> Receipts::write(storage::Transaction& tx,
                                                             std::span<const Item> items) {
  std::vector<core::Result<Nothing>> outcomes;
  outcomes.reserve(items.size());
  for (const Item& item : items) outcomes.push_back(write_one(tx, item));
  return outcomes;
}

core::Result<Receipts::Nothing> Receipts::write_one(storage::Transaction& tx, const Item& item) {
  MembershipPtr membership = parts_.memberships.find(item.conversation);
  if (!membership) membership = load_membership(tx, item.conversation);
  const MemberDevice* device = membership ? membership->find(item.subject.device.value()) : nullptr;
  if (!device) {
    auto refused = conversation_not_found();
    parts_.journal.refused(tx, item.subject, policy::Action::receipt_send, item.conversation,
                           refused.error());
    return refused;
  }
  const auto permitted =
      policy::authorize<policy::Action::receipt_send>(parts_.policy, item.subject, {.member = true});
  if (!permitted) return std::unexpected(permitted.error());

  const std::int64_t no = membership->conversation_no;
  const auto last =
      tx.query_value<std::int64_t>("SELECT last_sequence FROM conversations WHERE conversation_no = $1", no);
  if (item.marks.delivered > last.value_or(0)) {
    return fail(ErrorKind::invalid, "receipt-ahead", "A receipt names a message that does not exist yet.");
  }
  const ReceiptMarks& marks = item.marks;
  const auto changed = tx.execute(
      "UPDATE conversation_devices SET delivered = CASE WHEN delivered < $3 THEN $3 ELSE delivered END, "
      "read = CASE WHEN read < $4 THEN $4 ELSE read END, "
      "acknowledged = CASE WHEN acknowledged < $5 THEN $5 ELSE acknowledged END "
      "WHERE conversation_no = $1 AND device_id = $2 AND (delivered < $3 OR read < $4 OR acknowledged < $5)",
      no, item.subject.device.value(), marks.delivered, marks.read, marks.acknowledged);
  if (changed == 0) return Nothing{};
  parts_.journal.receipt(tx, item.subject, *membership, marks);

  const auto rows = tx.query(
      "UPDATE conversation_members SET delivered = CASE WHEN delivered < $3 THEN $3 ELSE delivered END, "
      "read = CASE WHEN read < $4 THEN $4 ELSE read END, "
      "acknowledged = CASE WHEN acknowledged < $5 THEN $5 ELSE acknowledged END "
      "WHERE conversation_no = $1 AND user_id = $2 AND (delivered < $3 OR read < $4 OR acknowledged < $5) "
      "RETURNING delivered, read, acknowledged",
      no, item.subject.user, marks.delivered, marks.read, marks.acknowledged);
  if (rows.empty()) return Nothing{};
  const ReceiptMarks now{rows.front().get<std::int64_t>(0), rows.front().get<std::int64_t>(1),
                         rows.front().get<std::int64_t>(2)};
  tx.after_commit([&hub = parts_.hub, notice = ReceiptsNotice{item.conversation, item.subject.user, now}] {
    hub.notify_conversation(notice.conversation, notice);
  });
  return Nothing{};
}

}  // namespace wardline::delivery
