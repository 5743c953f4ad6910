// Records as earlier versions of this library wrote them, so that an upgraded device goes on with what it
// has.
#pragma once

#include "client/messaging/records.h"

namespace wardline::client {

// Before devices were looked up in a log (ENC-8). Nothing in them says that any leaf was proven.

struct ConversationRecordBeforeDeviceLog : ConversationRecord {
  WARDLINE_TLS_FIELDS(id, kind, closed, members, patient_id, title, applied, joined_after, membership, mine,
                      told, needs_commit, pending_commit)
};

struct PreparedMessageBeforeDeviceLog : PreparedMessage {
  WARDLINE_TLS_FIELDS(epoch, message)
};

struct OutboxRecordBeforeDeviceLog : OutboxRecord {
  std::optional<PreparedMessageBeforeDeviceLog> prepared_then;
  WARDLINE_TLS_FIELDS(id, conversation_id, position, content, priority, needs_acknowledgement, prepared_then,
                      sequence)
};

/// What is none of today's form, read as an older one. They carry the same version: what tells them apart is
/// that a presentation has to be read to its very end.
template <class Record>
std::optional<Record> decode_older(ByteView) {
  return std::nullopt;
}

template <>
inline std::optional<ConversationRecord> decode_older(ByteView bytes) {
  auto record = tls::decode<ConversationRecordBeforeDeviceLog>(bytes);
  if (!record) return std::nullopt;
  return std::optional<ConversationRecord>(std::move(*record));
}

template <>
inline std::optional<OutboxRecord> decode_older(ByteView bytes) {
  auto record = tls::decode<OutboxRecordBeforeDeviceLog>(bytes);
  if (!record) return std::nullopt;
  // Encrypted then, it goes out as it is: another ciphertext under the same id would be another message.
  if (record->prepared_then) record->prepared = std::move(*record->prepared_then);
  return std::optional<OutboxRecord>(std::move(*record));
}

}  // namespace wardline::client
