#include "client/load/sender.h"

#include <utility>

#include "client/load/frame_reading.h"
#include "client/messaging/line_frames.h"
#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"

namespace wardline::client {

LoadSender::LoadSender(const LoadPlan& plan, const LoadParticipant& sender, Ledger* ledger,
                       boost::asio::io_context& loop, boost::asio::ssl::context& tls)
    : plan_(plan),
      sender_(sender),
      ledger_(ledger),
      loop_(loop),
      tls_(tls),
      message_(opaque_message(sender.conversation, plan.message_bytes)) {}

void LoadSender::open(std::function<void()> ready, std::function<void(std::string_view)> closed) {
  ready_ = std::move(ready);
  const HttpsClient& https = *sender_.device.https;
  socket_ = DeviceSocket::open(
      loop_, tls_, https.url(), https.cookie(),
      {.on_text = [this](std::string_view text) { on_text(text); }, .on_closed = std::move(closed)});
  std::vector<LineCursor> cursors;
  if (start_after_ > 0)
    cursors.push_back({sender_.conversation.id, static_cast<std::uint64_t>(start_after_)});
  socket_->send(hello_frame(cursors));
}

bool LoadSender::send_one(SteadyTime due) {
  if (waiting_.size() >= plan_.in_flight) return false;
  // Where each message is accounted for, each is another one.
  if (ledger_) message_ = opaque_message(sender_.conversation, plan_.message_bytes);
  send(next_idempotency_id(), message_, due);
  return true;
}

void LoadSender::send_again(const UnansweredSend& unanswered) {
  send(unanswered.idempotency, from_base64url(unanswered.message).value_or(Bytes()),
       std::chrono::steady_clock::now());
}

void LoadSender::send(const std::string& idempotency, const Bytes& message, SteadyTime due) {
  const std::int64_t ref = ++next_ref_;
  Waiting waiting{due, {}, {}};
  if (ledger_) {
    waiting.idempotency = idempotency;
    waiting.message = message;
  }
  waiting_.emplace(ref, std::move(waiting));
  socket_->send(send_frame(ref, sender_.conversation.id, {idempotency, sender_.conversation.epoch, message}));
}

void LoadSender::note_unanswered() {
  for (const auto& [ref, one] : waiting_)
    ledger_->note(UnansweredSend{sender_.conversation.id, sender_.device.account.device_id, one.idempotency,
                                 to_base64url(one.message)});
}

void LoadSender::on_text(std::string_view text) {
  if (is_frame(text, "entry")) {
    if (const auto sequence = number_in(text, R"("sequence":)")) on_entry(*sequence);
    return;
  }
  const bool sent = is_frame(text, "sent");
  const bool refused = is_frame(text, "refused");
  if (sent || refused) {
    const auto ref = number_in(text, R"("ref":)");
    const auto waiting = ref ? waiting_.find(*ref) : waiting_.end();
    if (waiting == waiting_.end()) {
      ++counts_.doubled;
      return;
    }
    if (refused) ++counts_.refused;
    if (sent) on_sent(waiting->second, number_in(text, R"("sequence":)").value_or(-1));
    waiting_.erase(waiting);
    if (keep_sending_) send_one();
    return;
  }
  if (is_frame(text, "ready")) {
    if (auto ready = std::exchange(ready_, nullptr)) ready();
  }
}

void LoadSender::on_sent(const Waiting& waiting, std::int64_t sequence) {
  counts_.acknowledged_sequences.push_back(sequence);
  if (ledger_)
    ledger_->note(AcknowledgedSend{sender_.conversation.id, waiting.idempotency, sequence,
                                   to_hex(crypto::sha256(waiting.message))});
  if (!measuring_) return;
  ++counts_.acknowledged;
  counts_.latencies_us.push_back(static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - waiting.since)
          .count()));
}

void LoadSender::on_entry(std::int64_t sequence) {
  if (counts_.last_delivered == 0)
    counts_.last_delivered = sequence - 1;  // The first one says where this device joined.
  if (sequence <= counts_.last_delivered) {
    ++counts_.doubled;
  } else if (sequence != counts_.last_delivered + 1) {
    ++counts_.reordered;
    counts_.last_delivered = sequence;
  } else {
    counts_.last_delivered = sequence;
  }
}

}  // namespace wardline::client
