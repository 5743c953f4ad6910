#include "server/delivery/log_store.h"

#include <unordered_map>

namespace wardline::delivery {
namespace {

struct RetryKeyHash {
  std::size_t operator()(const RetryKey& key) const {
    return std::hash<core::IdempotencyId>()(key.idempotency) ^ std::hash<core::DeviceId>()(key.device);
  }
};

}  // namespace

std::vector<std::optional<StoredAs>> find_stored(storage::ReadTransaction& tx,
                                                 std::span<const RetryKey> keys) {
  std::vector<storage::ParameterRow> parameters;
  parameters.reserve(keys.size());
  for (const RetryKey& key : keys) parameters.push_back({key.device, key.idempotency});
  // Nearly always nothing is found: what is known of the conversation is asked for only then.
  const auto rows = tx.query_many(
      "SELECT sender_device, idempotency_id, conversation_no, sequence, stored_at FROM conversation_log "
      "WHERE sender_device = $1 AND idempotency_id = $2",
      parameters);
  std::vector<std::optional<StoredAs>> stored(keys.size());
  if (rows.empty()) return stored;
  std::unordered_map<RetryKey, StoredAs, RetryKeyHash> found;
  for (const auto row : rows) {
    const auto conversation = tx.query_value<core::ConversationId>(
        "SELECT conversation_id FROM conversations WHERE conversation_no = $1", row.get<std::int64_t>(2));
    found.emplace(RetryKey{row.get<core::DeviceId>(0), row.get<core::IdempotencyId>(1)},
                  StoredAs{conversation.value(), row.get<std::int64_t>(3), row.get<core::Time>(4)});
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const auto hit = found.find(keys[i]); hit != found.end()) stored[i] = hit->second;
  }
  return stored;
}

void insert_entries(storage::Transaction& tx, std::span<const NumberedEntry> entries,
                    const BodySealer& sealer) {
  std::vector<storage::Sealed> bodies;
  bodies.reserve(entries.size());  // Parameters are views: the sealed bodies must stay where they are.
  std::vector<storage::ParameterRow> rows;
  rows.reserve(entries.size());
  for (const NumberedEntry& item : entries) {
    const LogEntry& entry = *item.entry;
    std::optional<core::UserId> user;
    std::optional<core::DeviceId> device;
    if (entry.sender) {
      user = entry.sender->user;
      device = entry.sender->device;
    }
    bodies.push_back(sealer.seal(tx, entry.conversation, entry.sequence, entry.body));
    rows.push_back({item.conversation_no, entry.sequence, static_cast<int>(entry.kind), user, device,
                    entry.epoch, entry.stored_at, static_cast<int>(entry.priority),
                    entry.needs_acknowledgement, entry.idempotency, bodies.back().stored()});
  }
  tx.execute_many(
      "INSERT INTO conversation_log (conversation_no, sequence, kind, sender_user, sender_device, epoch, "
      "stored_at, "
      "priority, needs_acknowledgement, idempotency_id, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
      "$10, $11)",
      rows);
}

core::Result<std::vector<LogEntryPtr>> read_entries(storage::ReadTransaction& tx,
                                                    std::int64_t conversation_no,
                                                    core::ConversationId conversation, std::int64_t after,
                                                    std::int64_t last, int limit, const BodySealer& sealer) {
  const auto rows = tx.query(
      "SELECT sequence, kind, sender_user, sender_device, epoch, stored_at, priority, needs_acknowledgement, "
      "idempotency_id, body FROM conversation_log WHERE conversation_no = $1 AND sequence > $2 AND sequence "
      "<= $3 "
      "ORDER BY sequence LIMIT $4",
      conversation_no, after, last, limit);
  std::vector<LogEntryPtr> entries;
  entries.reserve(rows.size());
  for (const auto row : rows) {
    auto entry = std::make_shared<LogEntry>();
    entry->conversation = conversation;
    entry->sequence = row.get<std::int64_t>(0);
    entry->kind = static_cast<EntryKind>(row.get<std::int64_t>(1));
    if (!row.is_null(2)) entry->sender = EntrySender{row.get<core::UserId>(2), row.get<core::DeviceId>(3)};
    entry->epoch = row.get<std::uint64_t>(4);
    entry->stored_at = row.get<core::Time>(5);
    entry->priority = static_cast<Priority>(row.get<std::int64_t>(6));
    entry->needs_acknowledgement = row.get<bool>(7);
    entry->idempotency = row.get<core::IdempotencyId>(8);
    auto body = sealer.open(tx, conversation, entry->sequence, row.get<storage::Sealed>(9));
    if (!body) return std::unexpected(std::move(body.error()));
    entry->body = std::move(*body);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::optional<Origin> find_origin(storage::ReadTransaction& tx, std::int64_t conversation_no,
                                  std::int64_t sequence) {
  const auto rows = tx.query(
      "SELECT sender_user, sender_device FROM conversation_log WHERE conversation_no = $1 AND sequence = $2",
      conversation_no, sequence);
  if (rows.empty()) return std::nullopt;
  const auto row = *rows.begin();
  if (row.is_null(0)) return Origin{};
  return Origin{EntrySender{row.get<core::UserId>(0), row.get<core::DeviceId>(1)}};
}

}  // namespace wardline::delivery
