#include "server/audit/store.h"

#include "server/audit/places.h"

namespace wardline::audit {
namespace {

constexpr std::size_t kPortion = 4096;

}  // namespace

core::Result<std::vector<std::string>> Store::entries(storage::ReadTransaction& tx, std::uint64_t first,
                                                      std::size_t limit) const {
  if (engine_ != storage::Engine::sqlite) return placed_entries(tx, log_, first, limit);
  std::vector<std::string> entries;
  for (const storage::Row row : tx.query(log_.entries, first + 1, kNoEnd, limit)) {
    if (row.get<std::uint64_t>(0) != first + entries.size() + 1) return rows_missing(first + entries.size());
    entries.push_back(row.get<std::string>(1));
  }
  return entries;
}

LogState Store::state(storage::ReadTransaction& tx) const {
  const storage::Rows rows = tx.query("SELECT size, root FROM audit_log WHERE id = $1", log_.id);
  if (rows.empty()) return {};
  const auto root = merkle::hash_from(rows.front().bytes_view(1));
  return {rows.front().get<std::uint64_t>(0), root.value_or(merkle::Hash{})};
}

core::Result<void> Store::set_state(storage::Transaction& tx, std::uint64_t old_size,
                                    const LogState& state) const {
  const std::int64_t changed =
      tx.execute("UPDATE audit_log SET size = $3, root = $4 WHERE id = $1 AND size = $2", log_.id, old_size,
                 state.size, ByteView(state.root));
  if (changed == 1) return {};
  const std::int64_t inserted = old_size != 0
                                    ? 0
                                    : tx.execute(
                                          "INSERT INTO audit_log (id, size, root) VALUES ($1, $2, $3)"
                                          " ON CONFLICT (id) DO NOTHING",
                                          log_.id, state.size, ByteView(state.root));
  if (inserted == 1) return {};
  return core::fail(core::ErrorKind::conflict, "audit-log-moved-on", "Another node has continued the log.");
}

bool Store::hold_lease(storage::Transaction& tx, NodeId node, core::Time now, core::Time until) const {
  return tx.execute(
             "INSERT INTO audit_sequencer (id, holder, until_at) VALUES ($1, $2, $3)"
             " ON CONFLICT (id) DO UPDATE SET holder = EXCLUDED.holder, until_at = EXCLUDED.until_at"
             " WHERE audit_sequencer.holder = EXCLUDED.holder OR audit_sequencer.until_at < $4",
             log_.id, node, until, now) == 1;
}

void Store::release_lease(storage::Transaction& tx, NodeId node) const {
  tx.execute("DELETE FROM audit_sequencer WHERE id = $1 AND holder = $2", log_.id, node);
}

std::optional<auditlog::EntryRow> StoredRows::next() {
  if (failed_) return std::nullopt;
  if (at_ == portion_.size()) {
    first_ += portion_.size();
    at_ = 0;
    auto portion =
        database_.read([&](storage::ReadTransaction& tx) { return store_.entries(tx, first_, kPortion); });
    if (!portion) {
      failed_ = true;
      return auditlog::EntryRow{{}, std::string(portion.error().code) + ": " + portion.error().detail};
    }
    portion_ = std::move(*portion);
    if (portion_.empty()) return std::nullopt;
  }
  return auditlog::EntryRow{std::move(portion_[at_++])};
}

}  // namespace wardline::audit
