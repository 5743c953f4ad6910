// Records as earlier versions of this library wrote them, so that an upgraded device goes on with what it
// has.
#pragma once

#include "client/messaging/records.h"

namespace wardline::client {

// Before the calls that bring people in carried what was answered about them (SAF-4, MSG-8). What is sent
// again says nothing about that: a server that asks for it refuses, unless it has taken the same call
// already.

struct PendingCommitRecordBeforeAnswers : PendingCommitRecord {
  WARDLINE_TLS_FIELDS(idempotency_id, user_ids_added, user_ids_removed)
};

struct ConversationRecordBeforeAnswers : ConversationRecord {
  std::optional<PendingCommitRecordBeforeAnswers> pending_then;
  WARDLINE_TLS_FIELDS(id, kind, closed, members, patient_id, title, applied, joined_after, membership, mine,
                      told, needs_commit, pending_then, untrusted, told_log_size)
};

struct CreationRecordBeforeAnswers : CreationRecord {
  WARDLINE_TLS_FIELDS(bundle.conversation_id, bundle.kind, bundle.user_ids, bundle.match_id,
                      bundle.group_info_0, bundle.commit, bundle.welcome, bundle.group_info)
};

// Before devices were looked up in a log (ENC-8). Nothing in them says that any leaf was proven.

struct ConversationRecordBeforeDeviceLog : ConversationRecordBeforeAnswers {
  WARDLINE_TLS_FIELDS(id, kind, closed, members, patient_id, title, applied, joined_after, membership, mine,
                      told, needs_commit, pending_then)
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

template <class Older>
std::optional<ConversationRecord> decode_conversation(ByteView bytes) {
  auto record = tls::decode<Older>(bytes);
  if (!record) return std::nullopt;
  if (record->pending_then) record->pending_commit = std::move(*record->pending_then);
  return std::optional<ConversationRecord>(std::move(*record));
}

template <>
inline std::optional<ConversationRecord> decode_older(ByteView bytes) {
  auto record = decode_conversation<ConversationRecordBeforeAnswers>(bytes);
  return record ? record : decode_conversation<ConversationRecordBeforeDeviceLog>(bytes);
}

template <>
inline std::optional<CreationRecord> decode_older(ByteView bytes) {
  auto record = tls::decode<CreationRecordBeforeAnswers>(bytes);
  if (!record) return std::nullopt;
  return std::optional<CreationRecord>(std::move(*record));
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
