#include "client/load/sender.h"

#include <charconv>

#include <boost/json/parse.hpp>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

/// A version 7 UUID that is cheap to make: time, and random bits taken once per process beside a counter.
std::string next_idempotency_id() {
  static const Bytes random = crypto::random_bytes(8);
  static std::uint64_t counter = 0;
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  std::uint8_t bytes[16];
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(now.count() >> (40 - 8 * i));
  const std::uint64_t count = ++counter;
  bytes[6] = static_cast<std::uint8_t>(0x70 | (count >> 40 & 0x0f));
  bytes[7] = static_cast<std::uint8_t>(count >> 32);
  bytes[8] = 0x80;
  for (int i = 0; i < 3; ++i) bytes[9 + i] = random[i];
  for (int i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(count >> (24 - 8 * i));
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

/// The number behind `"name":`. Our own server writes no spaces; a full parse of every delivered entry would
/// measure the client.
std::optional<std::int64_t> number_in(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const char* const begin = text.data() + at + name.size();
  if (std::from_chars(begin, text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

Sender::Sender(const LoadPlan& plan, const LoadParticipant& sender, Ledger* ledger,
               boost::asio::io_context& loop, boost::asio::ssl::context& tls)
    : plan_(plan),
      sender_(sender),
      ledger_(ledger),
      loop_(loop),
      tls_(tls),
      message_(to_base64url(opaque_message(sender.conversation, plan.message_bytes))) {}

void Sender::open(std::function<void()> ready, std::function<void(std::string_view)> closed) {
  ready_ = std::move(ready);
  const HttpsClient& https = *sender_.device.https;
  std::string hello = R"({"type":"hello","cursors":[)";
  if (start_after_ > 0)
    hello += R"({"conversation_id":")" + sender_.conversation.id + R"(","after":)" +
             std::to_string(start_after_) + "}";
  hello += "]}";
  socket_ = DeviceSocket::open(loop_, tls_, https.url(), https.cookie(),
                               {.on_open = [this, hello] { socket_->send(hello); },
                                .on_text = [this](std::string_view text) { on_text(text); },
                                .on_closed = std::move(closed)});
}

bool Sender::send_one() {
  if (waiting_.size() >= plan_.in_flight) return false;
  // Where each message is accounted for, each is another one.
  if (ledger_) message_ = to_base64url(opaque_message(sender_.conversation, plan_.message_bytes));
  send(next_idempotency_id(), message_);
  return true;
}

void Sender::send_again(const UnansweredSend& unanswered) {
  send(unanswered.idempotency, unanswered.message);
}

void Sender::send(std::string_view idempotency, std::string_view message) {
  const std::int64_t ref = ++next_ref_;
  std::string text;
  text.reserve(message.size() + 320);
  text +=
      R"({"type":"send","ref":)" + std::to_string(ref) + R"(,"conversation_id":")" + sender_.conversation.id;
  text += R"(","idempotency_id":")";
  text += idempotency;
  text += R"(","epoch":)" + std::to_string(sender_.conversation.epoch);
  text += R"(,"priority":"routine","needs_acknowledgement":false,"message":")";
  text += message;
  text += R"("})";
  Waiting waiting{std::chrono::steady_clock::now(), {}, {}};
  if (ledger_) {
    waiting.idempotency = idempotency;
    waiting.message = message;
  }
  waiting_.emplace(ref, std::move(waiting));
  socket_->send(std::move(text));
}

void Sender::note_unanswered() {
  for (const auto& [ref, one] : waiting_)
    ledger_->note(UnansweredSend{sender_.conversation.id, sender_.device.account.device_id, one.idempotency,
                                 one.message});
}

void Sender::on_text(std::string_view text) {
  if (text.find(R"("type":"entry")") != std::string_view::npos) {
    if (const auto sequence = number_in(text, R"("sequence":)")) on_entry(*sequence);
    return;
  }
  const bool sent = text.find(R"("type":"sent")") != std::string_view::npos;
  const bool refused = !sent && text.find(R"("type":"refused")") != std::string_view::npos;
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
  if (text.find(R"("type":"ready")") != std::string_view::npos) {
    if (auto ready = std::exchange(ready_, nullptr)) ready();
  }
}

void Sender::on_sent(const Waiting& waiting, std::int64_t sequence) {
  counts_.acknowledged_sequences.push_back(sequence);
  if (ledger_)
    ledger_->note(
        AcknowledgedSend{sender_.conversation.id, waiting.idempotency, sequence,
                         to_hex(crypto::sha256(from_base64url(waiting.message).value_or(Bytes())))});
  if (!measuring_) return;
  ++counts_.acknowledged;
  counts_.latencies_us.push_back(static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - waiting.since)
          .count()));
}

void Sender::on_entry(std::int64_t sequence) {
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
