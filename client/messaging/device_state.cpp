#include "client/messaging/device_state.h"

#include <chrono>

#include "lib/bytes/text.h"

namespace wardline::client {

conversation::ConversationId id_bytes(std::string_view uuid) {
  std::string digits(uuid);
  std::erase(digits, '-');
  conversation::ConversationId id{};
  const auto bytes = from_hex(digits);
  if (bytes && bytes->size() == id.size()) std::ranges::copy(*bytes, id.begin());
  return id;
}

Bytes text_key(std::string_view id) { return to_bytes(as_bytes(id)); }

Bytes message_key(std::string_view conversation_id, std::uint64_t sequence) {
  tls::Writer out;
  out.raw(id_bytes(conversation_id));
  out.uint(sequence, 8);
  return out.take();
}

std::int64_t now_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

conversation::Context& DeviceState::context() {
  context_->set_now(now_microseconds());
  return *context_;
}

mls::SealingKey DeviceState::sealing_key() const {
  return std::move(*mls::SealingKey::create(key_.bytes().copy()));
}

Outcome<void> DeviceState::write(const Changes& changes) {
  if (changes.empty()) return {};
  const auto done = store_.write(changes);
  if (done) return {};
  groups_.clear();
  return failed(done);
}

Outcome<void> DeviceState::note(const Changes& changes) {
  const auto done = store_.write(changes);
  return done ? Outcome<void>() : failed(done);
}

Outcome<conversation::Conversation*> DeviceState::group(const std::string& conversation_id) {
  const auto open = groups_.find(conversation_id);
  if (open != groups_.end()) return &open->second;
  const auto record = find<GroupRecord>(text_key(conversation_id));
  if (!record) return std::unexpected(record.error());
  if (!*record) return failed("not-joined", "This device is not in that conversation's group.");
  auto group = conversation::Conversation::open(id_bytes(conversation_id), (*record)->state, sealing_key());
  if (!group) return failed(group);
  return &groups_.emplace(conversation_id, std::move(*group)).first->second;
}

void DeviceState::keep_group(const std::string& conversation_id, conversation::Conversation group) {
  groups_.insert_or_assign(conversation_id, std::move(group));
}

void DeviceState::put_group(Changes& changes, const std::string& conversation_id,
                            const conversation::SealedState& state) {
  put(changes, text_key(conversation_id), GroupRecord{state});
}

}  // namespace wardline::client
