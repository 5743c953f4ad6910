#include "server/audit/append.h"

#include "server/storage/transaction.h"

namespace wardline::audit {

void append(storage::Transaction& tx, const Entry& entry) { tx.execute(kAuditLog.append, encode(entry)); }

void append(storage::Transaction& tx, std::span<const Entry> entries) {
  std::vector<std::string> lines;
  lines.reserve(entries.size());
  for (const Entry& entry : entries) lines.push_back(encode(entry));
  append(tx, kAuditLog, lines);
}

void append(storage::Transaction& tx, const Log& log, std::span<const std::string> entries) {
  std::vector<storage::ParameterRow> rows;
  rows.reserve(entries.size());
  for (const std::string& entry : entries) rows.push_back({storage::Parameter(entry)});
  tx.execute_many(log.append, rows);
}

}  // namespace wardline::audit
