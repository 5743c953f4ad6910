#include "server/audit/append.h"

#include "server/storage/transaction.h"

namespace wardline::audit {
namespace {

constexpr storage::Sql kInsert = "INSERT INTO audit_entries (entry) VALUES ($1)";

}  // namespace

void append(storage::Transaction& tx, const Entry& entry) { tx.execute(kInsert, encode(entry)); }

void append(storage::Transaction& tx, std::span<const Entry> entries) {
  std::vector<std::string> lines;
  lines.reserve(entries.size());
  for (const Entry& entry : entries) lines.push_back(encode(entry));
  std::vector<storage::ParameterRow> rows;
  rows.reserve(lines.size());
  for (const std::string& line : lines) rows.push_back({storage::Parameter(line)});
  tx.execute_many(kInsert, rows);
}

}  // namespace wardline::audit
