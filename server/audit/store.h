// The tables of a log: entries in their order, how far the log has come, and who writes it.
#pragma once

#include "lib/auditlog/verify.h"
#include "lib/merkle/tree.h"
#include "server/audit/log.h"
#include "server/core/clock.h"
#include "server/core/id.h"
#include "server/storage/database.h"

namespace wardline::audit {

using NodeId = core::Id<struct NodeTag>;

/// What the log's last signed checkpoint says.
struct LogState {
  std::uint64_t size = 0;
  merkle::Hash root = merkle::empty_root();
};

/// All of these throw StorageFailure, as statements do.
class Store {
 public:
  Store(storage::Engine engine, const Log& log) : engine_(engine), log_(log) {}

  /// The entries from number `first` on, counted from 0; at most `limit`. Error rows_missing().
  /// On PostgreSQL: those that have a place (places.h).
  core::Result<std::vector<std::string>> entries(storage::ReadTransaction& tx, std::uint64_t first,
                                                 std::size_t limit) const;

  LogState state(storage::ReadTransaction& tx) const;
  /// Error "audit-log-moved-on" unless the stored size is still `old_size`.
  core::Result<void> set_state(storage::Transaction& tx, std::uint64_t old_size, const LogState& state) const;

  /// Takes or prolongs the right to write the log. False while another node holds it.
  bool hold_lease(storage::Transaction& tx, NodeId node, core::Time now, core::Time until) const;
  void release_lease(storage::Transaction& tx, NodeId node) const;

 private:
  storage::Engine engine_;
  const Log& log_;
};

/// The rows as the verifier wants them. Reads in portions; a failure of the database becomes a row with a
/// problem.
class StoredRows final : public auditlog::EntryRows {
 public:
  StoredRows(storage::Database& database, const Log& log)
      : database_(database), store_(database.engine(), log) {}
  std::optional<auditlog::EntryRow> next() override;

 private:
  storage::Database& database_;
  Store store_;
  std::vector<std::string> portion_;
  std::uint64_t first_ = 0;  ///< number of the first entry in `portion_`
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace wardline::audit
