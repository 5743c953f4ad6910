// A device's state, in memory and on disk together: typed records, and the groups that are open.
#pragma once

#include <map>

#include "client/messaging/error.h"
#include "client/messaging/older_records.h"
#include "lib/conversation/conversation.h"

namespace wardline::client {

/// A UUID's 16 bytes; the id was checked where it came in.
conversation::ConversationId id_bytes(std::string_view uuid);
Bytes text_key(std::string_view id);
/// Sorts by conversation, then by place in its log.
Bytes message_key(std::string_view conversation_id, std::uint64_t sequence);

/// Microseconds since 1970 UTC.
std::int64_t now_microseconds();

template <class Record>
SecretBytes encode_record(const Record& record) {
  constexpr std::uint8_t kVersion = 1;
  tls::Writer out;
  tls::write(out, kVersion);
  tls::write(out, record);
  return SecretBytes(out.bytes());
}

template <class Record>
Outcome<Record> decode_record(const SecretBytes& value) {
  if (value.empty() || value.view().front() != 1) return std::unexpected(Error(StoreError::newer_version));
  const ByteView presentation = value.view().subspan(1);
  if (auto record = tls::decode<Record>(presentation)) return std::move(*record);
  if (auto older = decode_older<Record>(presentation)) return std::move(*older);
  return std::unexpected(Error(StoreError::does_not_open));
}

template <class Record>
void put(Changes& changes, ByteView key, const Record& record) {
  changes.put(Record::kTable, key, encode_record(record));
}

class DeviceState {
 public:
  DeviceState(SealedStore store, std::unique_ptr<conversation::Context> context, mls::SealingKey key)
      : store_(std::move(store)), context_(std::move(context)), key_(std::move(key)) {}

  /// This device, and what it believes; certificates are judged as of now.
  conversation::Context& context();
  const conversation::Device& me() const { return context_->device(); }
  mls::SealingKey sealing_key() const;

  template <class Record>
  Outcome<std::optional<Record>> find(ByteView key) const {
    auto value = store_.get(Record::kTable, key);
    if (!value) return failed(value);
    if (!*value) return std::optional<Record>();
    auto record = decode_record<Record>(**value);
    if (!record) return std::unexpected(record.error());
    return std::optional(std::move(*record));
  }
  template <class Record>
  Outcome<std::vector<Record>> list(const Range& range = {}) const {
    auto rows = store_.list(Record::kTable, range);
    if (!rows) return failed(rows);
    std::vector<Record> records;
    for (const Row& row : *rows) {
      auto record = decode_record<Record>(row.value);
      if (!record) return std::unexpected(record.error());
      records.push_back(std::move(*record));
    }
    return records;
  }

  /// All of it or nothing, durably. If it fails, what is in memory is taken from disk again: memory is never
  /// ahead.
  Outcome<void> write(const Changes& changes);

  /// Knowledge that no group depends on: if it fails, memory may be ahead.
  Outcome<void> note(const Changes& changes);

  /// The group, opened if it is not open yet; `not-joined` if this device has none of that name.
  Outcome<conversation::Conversation*> group(const std::string& conversation_id);
  void keep_group(const std::string& conversation_id, conversation::Conversation group);
  void forget_group(const std::string& conversation_id) { groups_.erase(conversation_id); }
  /// Puts a group's state among the changes.
  static void put_group(Changes& changes, const std::string& conversation_id,
                        const conversation::SealedState& state);

 private:
  SealedStore store_;
  std::unique_ptr<conversation::Context> context_;
  mls::SealingKey key_;
  std::map<std::string, conversation::Conversation> groups_;
};

}  // namespace wardline::client
