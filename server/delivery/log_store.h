// Reads and writes rows of conversation_log. The only SQL that touches the log.
#pragma once

#include <span>

#include "server/delivery/body_sealer.h"
#include "server/delivery/log_entry.h"
#include "server/storage/transaction.h"

namespace wardline::delivery {

/// What a retry of an entry must be answered with.
struct StoredAs {
  core::ConversationId conversation;
  std::int64_t sequence = 0;
  core::Time stored_at;
};

/// One device's own id for what it sends: a retry carries the same.
struct RetryKey {
  core::DeviceId device;
  core::IdempotencyId idempotency;
  bool operator==(const RetryKey&) const = default;
};

/// Where each of `keys` was stored before; nothing for those that are new. Same order as `keys`.
std::vector<std::optional<StoredAs>> find_stored(storage::ReadTransaction& tx,
                                                 std::span<const RetryKey> keys);

struct NumberedEntry {
  std::int64_t conversation_no = 0;
  const LogEntry* entry = nullptr;
};

void insert_entries(storage::Transaction& tx, std::span<const NumberedEntry> entries,
                    const BodySealer& sealer);

/// Up to `limit` entries with `after` < sequence <= `last`, in order. Errors: those of BodySealer::open.
core::Result<std::vector<LogEntryPtr>> read_entries(storage::ReadTransaction& tx,
                                                    std::int64_t conversation_no,
                                                    core::ConversationId conversation, std::int64_t after,
                                                    std::int64_t last, int limit, const BodySealer& sealer);

/// Who sent an entry, server or device; nothing at all if there is no such entry.
struct Origin {
  std::optional<EntrySender> sender;
};
std::optional<Origin> find_origin(storage::ReadTransaction& tx, std::int64_t conversation_no,
                                  std::int64_t sequence);

}  // namespace wardline::delivery
