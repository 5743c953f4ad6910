#include "server/storage/postgres/postgres_connection.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "server/storage/postgres/insert_rows.h"
#include "server/storage/postgres/postgres_values.h"
#include "server/storage/schema/dialect.h"

namespace wardline::storage {
namespace {

using Role = Pipeline::Role;

// Rows in one INSERT. With powers of two up to it there are few statements to prepare, and few to run.
constexpr std::size_t kInsertRows = 64;

// How many of the first rows go into one INSERT: those whose parameters have the same types.
std::size_t rows_together(std::span<const ParameterRow> rows) {
  const auto same_types = [&](const ParameterRow& row) {
    return std::ranges::equal(row, rows.front(), {}, &Parameter::type, &Parameter::type);
  };
  const auto most = rows.first(std::min(rows.size(), kInsertRows));
  const auto other = std::ranges::find_if_not(most.subspan(1), same_types);
  return std::bit_floor(static_cast<std::size_t>(1 + (other - most.subspan(1).begin())));
}

std::int64_t changed_rows(const PGresult* answer) {
  return std::atoll(PQcmdTuples(const_cast<PGresult*>(answer)));
}

}  // namespace

PostgresConnection::PostgresConnection(const std::string& conninfo) : pipeline_(conninfo) {
  run_script("SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'");
  // An acknowledged write is durable whatever the server's default says; stronger settings stay.
  const auto mode = query("SELECT current_setting('synchronous_commit')", {}).front().get<std::string>(0);
  if (mode == "off" || mode == "local") run_script("SET synchronous_commit = on");
}

// A transaction cannot be run again once COMMIT may have been sent, and often its first trip is its last: so
// a server that went away since the last one is better noticed here.
void PostgresConnection::begin(Access access) {
  pipeline_.expect_server();
  to_begin_ = access;
  reading_ = access == Access::read;
}

void PostgresConnection::queue_begin() {
  if (!to_begin_) return;
  switch (*to_begin_) {
    case Access::read:
      pipeline_.queue(Role::vital, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {});
      break;
    // Every writer shares a lock that one which keeps losing takes for itself. LOCK is the one way to wait
    // before the snapshot is taken (PostgreSQL manual, §13.2.3), and any table of ours will do.
    case Access::write:
      pipeline_.queue(Role::vital, "BEGIN ISOLATION LEVEL SERIALIZABLE", {});
      pipeline_.queue(Role::told, "LOCK TABLE schema_migrations IN ROW SHARE MODE", {});
      break;
    case Access::write_alone:
      pipeline_.queue(Role::vital, "BEGIN ISOLATION LEVEL SERIALIZABLE", {});
      pipeline_.queue(Role::told, "LOCK TABLE schema_migrations IN EXCLUSIVE MODE", {});
      break;
    case Access::schema:
      pipeline_.queue(Role::vital, "BEGIN ISOLATION LEVEL READ COMMITTED", {});
      break;
  }
  to_begin_.reset();
}

void PostgresConnection::queue(Role role, Sql sql, std::span<const Parameter> parameters, std::size_t rows) {
  queue_begin();
  pipeline_.queue(role, sql, parameters, rows);
}

void PostgresConnection::commit() {
  static constexpr Sql kCommit = "COMMIT";
  if (std::exchange(to_begin_, std::nullopt)) return;  // The server has heard nothing of it.
  if (reading_) {  // It has all that it wanted to know; the answer comes with the next transaction's.
    pipeline_.queue(Role::told, kCommit, {});
    return pipeline_.send();
  }
  pipeline_.queue(Role::commits, kCommit, {});
  // COMMIT of a failed transaction succeeds, and rolls back.
  if (std::string_view(PQcmdStatus(pipeline_.collect().back().get())) != "COMMIT")
    throw StorageFailure(StorageFailure::Cause::misuse, "COMMIT rolled back");
}

void PostgresConnection::rollback() noexcept {
  if (std::exchange(to_begin_, std::nullopt)) return;
  try {
    pipeline_.collect();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): failed or not, it is undone.
  }
  try {
    pipeline_.queue(Role::vital, "ROLLBACK", {});
    pipeline_.collect();
  } catch (const std::exception&) {
    pipeline_.abandon();
  }
}

Pipeline::Answer PostgresConnection::ask(Sql sql, std::span<const Parameter> parameters) {
  check_parameter_count(sql, parameters);
  queue(Role::asked, sql, parameters);
  return std::move(pipeline_.collect().back());
}

Rows PostgresConnection::query(Sql sql, std::span<const Parameter> parameters) {
  return rows_of(ask(sql, parameters).get());
}

std::int64_t PostgresConnection::execute(Sql sql, std::span<const Parameter> parameters) {
  if (!inserts_one_row(sql)) return changed_rows(ask(sql, parameters).get());
  check_parameter_count(sql, parameters);
  queue(Role::told, sql, parameters);
  if (pipeline_.is_full()) pipeline_.collect();
  return 1;
}

void PostgresConnection::ask_each(Sql sql, std::span<const ParameterRow> rows,
                                  const std::function<void(const PGresult*)>& answered) {
  if (rows.empty()) return;
  const auto collect = [&] {
    for (const Pipeline::Answer& answer : pipeline_.collect()) answered(answer.get());
  };
  try {
    for (const ParameterRow& row : rows) {
      check_parameter_count(sql, row);
      queue(Role::asked, sql, row);
      if (pipeline_.is_full()) collect();
    }
  } catch (const StorageFailure&) {
    pipeline_.collect();  // The answers to half of it are not for the next one who asks.
    throw;
  }
  collect();
}

Rows PostgresConnection::query_many(Sql sql, std::span<const ParameterRow> rows) {
  Rows all;
  ask_each(sql, rows, [&](const PGresult* answer) { all.append(rows_of(answer)); });
  return all;
}

std::vector<std::int64_t> PostgresConnection::execute_many(Sql sql, std::span<const ParameterRow> rows) {
  if (inserts_one_row(sql)) {
    insert_rows(sql, rows);
    return std::vector<std::int64_t>(rows.size(), 1);
  }
  std::vector<std::int64_t> changed;
  changed.reserve(rows.size());
  ask_each(sql, rows, [&](const PGresult* answer) { changed.push_back(changed_rows(answer)); });
  return changed;
}

void PostgresConnection::insert_rows(Sql sql, std::span<const ParameterRow> rows) {
  ParameterRow together;
  together.reserve(std::min(rows.size(), kInsertRows) * sql.parameters());
  while (!rows.empty()) {
    const std::size_t count = rows_together(rows);
    together.clear();
    for (const ParameterRow& row : rows.first(count)) {
      check_parameter_count(sql, row);
      together.insert(together.end(), row.begin(), row.end());
    }
    queue(Role::told, sql, together, count);
    if (pipeline_.is_full()) pipeline_.collect();
    rows = rows.subspan(count);
  }
}

void PostgresConnection::run_script(const char* text) {
  queue_begin();
  pipeline_.run_script(text);
}

void PostgresConnection::run_schema_script(std::string_view script) {
  const std::string translated = translate_schema(script, Dialect::postgres);
  if (translated.find_first_not_of(" \n") == std::string::npos) return;  // All of it was for SQLite.
  run_script(translated.c_str());
}

void PostgresConnection::lock_schema() {
  // "wardline" in ASCII, until the end of the transaction.
  run_script("SELECT pg_advisory_xact_lock(8602282538895502949)");
}

}  // namespace wardline::storage
