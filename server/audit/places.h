// Which rows are which entries of a log on PostgreSQL, where many transactions write at once: each takes its
// row's position before it commits, so that a lower one may appear after a higher one, or never. Rows stay
// where they are; as they appear they get places in ranges (migration 0102, decision 0022).
#pragma once

#include <optional>
#include <span>

#include "server/audit/log.h"
#include "server/core/error.h"
#include "server/storage/transaction.h"

namespace wardline::audit {

/// The rows at positions [first_position, first_position + entries) are the log's entries from number
/// `first_place` on, counted from 1.
struct Run {
  std::int64_t first_place = 0;
  std::int64_t first_position = 0;
  std::int64_t entries = 0;

  std::int64_t end_position() const { return first_position + entries; }
};

/// What the node that writes the log knows of its places, so that it looks only for rows that may be new.
/// Used by one thread at a time; statements throw StorageFailure.
class Places {
 public:
  explicit Places(const Log& log) : log_(&log) {}

  /// Somebody else may have written: it is read from the database before the next look.
  void forget() { looks_left_ = 0; }
  /// The committed rows that have no place, at most `limit`, as the runs that continue the log.
  std::vector<Run> waiting(storage::ReadTransaction& tx, std::size_t limit);
  /// Writes them. Error "audit-log-moved-on" if the log does not end where it did.
  core::Result<void> write(storage::Transaction& tx, std::span<const Run> runs) const;
  /// They are durable.
  void placed(std::span<const Run> runs);

 private:
  /// Positions [first, last], which were passed over: of transactions that were rolled back, or not yet seen.
  struct Gap {
    std::int64_t first;
    std::int64_t last;
  };

  void load(storage::ReadTransaction& tx);
  std::vector<std::int64_t> waiting_positions(storage::ReadTransaction& tx, std::size_t limit) const;
  std::vector<Run> runs_of(std::span<const std::int64_t> positions) const;
  void cut_out(const Run& run);

  const Log* log_;
  std::optional<Run> last_;   // The run that the log ends with.
  std::int64_t highest_ = 0;  // No row beyond this position has a place.
  std::vector<Gap> gaps_;     // Below it, in the order in which they were passed over.
  int looks_left_ = 0;        // Until all of this is loaded anew.
};

/// The entries that have a place, from number `first` on, counted from 0; at most `limit`. Error
/// rows_missing().
core::Result<std::vector<std::string>> placed_entries(storage::ReadTransaction& tx, const Log& log,
                                                      std::uint64_t first, std::size_t limit);

}  // namespace wardline::audit
