#include "server/delivery/sender.h"

#include "lib/mls/public/private_message_view.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

core::Result<void> check_envelope(ByteView message, core::ConversationId conversation, std::uint64_t epoch) {
  const auto inner = mls::view_private_message(message);
  if (!inner || inner->content_type != mls::ContentType::application) {
    return fail(ErrorKind::invalid, "malformed-message",
                "The message is not an encrypted MLS application message.");
  }
  if (!equal(inner->group_id, conversation.view()) || inner->epoch != epoch) {
    return fail(ErrorKind::invalid, "malformed-message",
                "The message names another conversation or epoch than the request.");
  }
  return {};
}

Sender::Sender(const DeliveryParts& parts)
    : parts_(parts),
      commits_(parts.database, [this](storage::Transaction& tx, std::span<const AppendItem> items) {
        return AppendBatch(parts_, memory_, tx, items).run();
      }) {}

core::Result<void> Sender::send(SendRequest request, SendDone done) {
  if (const auto checked = check_envelope(request.message, request.conversation, request.epoch); !checked) {
    return std::unexpected(checked.error());
  }
  auto entry = std::make_shared<LogEntry>();
  entry->conversation = request.conversation;
  entry->kind = EntryKind::message;
  entry->sender = EntrySender{request.subject.user, request.subject.device.value()};
  entry->epoch = request.epoch;
  entry->priority = request.priority;
  entry->needs_acknowledgement = request.needs_acknowledgement;
  entry->idempotency = request.idempotency;
  entry->body = std::move(request.message);
  return commits_.submit(AppendItem{std::move(request.subject), std::move(entry)}, std::move(done));
}

}  // namespace wardline::delivery
