// Writes audit entries into the transaction of their action: no action without its entry, no entry without
// its action.
#pragma once

#include <span>

#include "server/audit/entry.h"
#include "server/audit/log.h"

namespace wardline::storage {
class Transaction;
}

namespace wardline::audit {

/// Throws StorageFailure as every statement does, and std::length_error above kMostListed. The sequencer
/// gives the entry its place in the log after the commit.
void append(storage::Transaction& tx, const Entry& entry);
/// Many in one trip to the database: the hot path of group commit.
void append(storage::Transaction& tx, std::span<const Entry> entries);
/// Entries of any log, each in its canonical form.
void append(storage::Transaction& tx, const Log& log, std::span<const std::string> entries);

}  // namespace wardline::audit
