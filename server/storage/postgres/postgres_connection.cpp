#include "server/storage/postgres/postgres_connection.h"

#include <poll.h>

#include "server/storage/postgres/insert_rows.h"
#include "server/storage/postgres/postgres_error.h"
#include "server/storage/postgres/postgres_values.h"
#include "server/storage/schema/dialect.h"

namespace wardline::storage {
namespace {

using Cause = StorageFailure::Cause;
using Retry = StorageFailure::Retry;

// Rows in one trip: more would fill memory on both sides.
constexpr std::size_t kPipelineRows = 512;
// Rows in one INSERT.
constexpr std::size_t kInsertRows = 64;

}  // namespace

PostgresConnection::PostgresConnection(const std::string& conninfo) {
  // Defaults first; what the caller's string says, as an expanded dbname, comes later and wins.
  const char* const keywords[] = {"connect_timeout", "application_name", "target_session_attrs",
                                  "dbname",          "client_encoding",  nullptr};
  const char* const values[] = {"5", "wardline", "read-write", conninfo.c_str(), "UTF8", nullptr};
  connection_.reset(PQconnectdbParams(keywords, values, 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw StorageFailure(Cause::unavailable, "postgres: no connection", Retry::yes);
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);  // Notices may quote values.
  run_simple("SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'");
  // An acknowledged write is durable whatever the server's default says; stronger settings stay.
  const auto mode = query("SELECT current_setting('synchronous_commit')", {}).front().get<std::string>(0);
  if (mode == "off" || mode == "local") run_simple("SET synchronous_commit = on");
}

StorageFailure PostgresConnection::failure_of(const PGresult* answer, std::string_view sql) {
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  // An error without a state is libpq's own: it could not send or receive.
  if (state == nullptr || PQstatus(connection_.get()) != CONNECTION_OK) {
    broken_ = true;
    // Lost before COMMIT was sent, nothing has happened. Lost after, nobody knows: trying again might do it
    // twice.
    return {Cause::unavailable, "postgres: connection lost: " + std::string(sql),
            committing_ ? Retry::no : Retry::yes};
  }
  StorageFailure failure = postgres_failure(state, sql);
  // The same if the server says goodbye instead of answering COMMIT: it may have committed.
  if (committing_ && failure.cause() == Cause::unavailable) return {Cause::unavailable, failure.technical()};
  return failure;
}

void PostgresConnection::check(const PGresult* answer, std::string_view sql) {
  const ExecStatusType status = PQresultStatus(answer);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw failure_of(answer, sql);
}

void PostgresConnection::run_simple(const char* text) {
  check(Answer(PQexec(connection_.get(), text)).get(), "a statement without parameters");
}

void PostgresConnection::begin(Access access) {
  switch (access) {
    case Access::read:
      return run_simple("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // Every writer shares a lock that one which keeps losing takes for itself. LOCK is the one way to wait
    // before the snapshot is taken (PostgreSQL manual, §13.2.3), and any table of ours will do.
    case Access::write:
      return run_simple("BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE schema_migrations IN ROW SHARE MODE");
    case Access::write_alone:
      return run_simple("BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE schema_migrations IN EXCLUSIVE MODE");
    case Access::schema:
      return run_simple("BEGIN ISOLATION LEVEL READ COMMITTED");
  }
}

void PostgresConnection::commit() {
  committing_ = true;
  const Answer answer(PQexec(connection_.get(), "COMMIT"));
  check(answer.get(), "COMMIT");
  committing_ = false;
  // COMMIT of a failed transaction succeeds, and rolls back.
  if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT")
    throw StorageFailure(Cause::misuse, "COMMIT rolled back");
}

void PostgresConnection::rollback() noexcept {
  committing_ = false;
  const Answer answer(PQexec(connection_.get(), "ROLLBACK"));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) broken_ = true;
}

const std::string& PostgresConnection::prepare(Sql sql, std::span<const Parameter> parameters,
                                               std::size_t rows) {
  const char* const address = sql.c_str();
  std::string key(reinterpret_cast<const char*>(&address), sizeof(address));
  std::vector<Oid> types;
  for (const Parameter& parameter : parameters) {
    types.push_back(type_of(parameter));
    key += static_cast<char>(parameter.type());
  }
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
  std::string name = "s" + std::to_string(prepared_.size());
  const std::string text = rows == 1 ? std::string(sql.view()) : insert_of_rows(sql, rows);
  const Answer answer(
      PQprepare(connection_.get(), name.c_str(), text.c_str(), static_cast<int>(types.size()), types.data()));
  check(answer.get(), sql.view());
  return prepared_.emplace(std::move(key), std::move(name)).first->second;
}

PostgresConnection::Answer PostgresConnection::run_prepared(Sql sql, std::span<const Parameter> parameters) {
  check_parameter_count(sql, parameters);
  const std::string& name = prepare(sql, parameters, 1);
  const EncodedParameters encoded(parameters);
  Answer answer(PQexecPrepared(connection_.get(), name.c_str(), encoded.count(), encoded.values(),
                               encoded.lengths(), encoded.formats(), 1));
  check(answer.get(), sql.view());
  return answer;
}

Rows PostgresConnection::query(Sql sql, std::span<const Parameter> parameters) {
  return rows_of(run_prepared(sql, parameters).get());
}

std::int64_t PostgresConnection::execute(Sql sql, std::span<const Parameter> parameters) {
  return std::atoll(PQcmdTuples(run_prepared(sql, parameters).get()));
}

Rows PostgresConnection::query_many(Sql sql, std::span<const ParameterRow> rows) {
  Rows all;
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), kPipelineRows);
    for (const Answer& answer : run_pipelined(sql, one_by_one(sql, rows.first(count))))
      all.append(rows_of(answer.get()));
    rows = rows.subspan(count);
  }
  return all;
}

std::vector<std::int64_t> PostgresConnection::execute_many(Sql sql, std::span<const ParameterRow> rows) {
  if (inserts_one_row(sql)) {
    insert_many(sql, rows);
    return std::vector<std::int64_t>(rows.size(), 1);
  }
  std::vector<std::int64_t> changed;
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), kPipelineRows);
    for (const Answer& answer : run_pipelined(sql, one_by_one(sql, rows.first(count))))
      changed.push_back(std::atoll(PQcmdTuples(answer.get())));
    rows = rows.subspan(count);
  }
  return changed;
}

void PostgresConnection::insert_many(Sql sql, std::span<const ParameterRow> rows) {
  std::vector<ParameterRow> inserts;  // Each the parameters of kInsertRows rows.
  while (!rows.empty()) {
    inserts.clear();
    std::span<const ParameterRow> trip = rows.first(std::min(rows.size(), kPipelineRows));
    rows = rows.subspan(trip.size());
    for (; trip.size() >= kInsertRows; trip = trip.subspan(kInsertRows)) {
      ParameterRow& insert = inserts.emplace_back();
      insert.reserve(kInsertRows * sql.parameters());
      for (const ParameterRow& row : trip.first(kInsertRows)) {
        check_parameter_count(sql, row);
        insert.insert(insert.end(), row.begin(), row.end());
      }
    }
    // Made before the pipeline starts.
    Steps steps;
    for (const ParameterRow& insert : inserts) steps.push_back({&prepare(sql, insert, kInsertRows), insert});
    std::ranges::copy(one_by_one(sql, trip), std::back_inserter(steps));
    run_pipelined(sql, steps);
  }
}

PostgresConnection::Steps PostgresConnection::one_by_one(Sql sql, std::span<const ParameterRow> rows) {
  Steps steps;
  steps.reserve(rows.size());
  // Rows may differ in the types of their parameters; each kind has its statement.
  for (const ParameterRow& row : rows) {
    check_parameter_count(sql, row);
    steps.push_back({&prepare(sql, row, 1), row});
  }
  return steps;
}

std::vector<PostgresConnection::Answer> PostgresConnection::run_pipelined(Sql sql, const Steps& steps) {
  PGconn* connection = connection_.get();
  if (PQenterPipelineMode(connection) != 1) throw failure_of(nullptr, sql.view());
  // A blocking send could wait for a server that waits for us to read.
  PQsetnonblocking(connection, 1);
  std::vector<Answer> answers;
  std::optional<StorageFailure> failure;
  try {
    send(sql, steps);
  } catch (const StorageFailure& caught) {
    failure = caught;  // What was sent has to be brought to its end all the same.
  }
  collect(sql, answers, failure);
  PQsetnonblocking(connection, 0);
  if (PQexitPipelineMode(connection) != 1) broken_ = true;
  if (failure) throw StorageFailure(*failure);
  return answers;
}

void PostgresConnection::send(Sql sql, const Steps& steps) {
  for (const Step& step : steps) {
    const EncodedParameters encoded(step.parameters);
    if (PQsendQueryPrepared(connection_.get(), step.name->c_str(), encoded.count(), encoded.values(),
                            encoded.lengths(), encoded.formats(), 1) != 1) {
      throw failure_of(nullptr, sql.view());
    }
  }
}

void PostgresConnection::collect(Sql sql, std::vector<Answer>& answers,
                                 std::optional<StorageFailure>& failure) {
  PGconn* connection = connection_.get();
  const auto note = [&](StorageFailure found) {
    if (!failure) failure.emplace(std::move(found));
  };
  try {
    if (PQpipelineSync(connection) != 1) throw failure_of(nullptr, sql.view());
    flush(sql.view());
  } catch (const StorageFailure& caught) {
    broken_ = true;
    return note(caught);
  }
  for (;;) {
    Answer answer(PQgetResult(connection));
    if (answer == nullptr) {  // The end of one statement's answers.
      if (PQstatus(connection) != CONNECTION_OK) return note(failure_of(nullptr, sql.view()));
      continue;
    }
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status == PGRES_PIPELINE_SYNC) return;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      answers.push_back(std::move(answer));
    } else if (status != PGRES_PIPELINE_ABORTED) {
      note(failure_of(answer.get(), sql.view()));
      if (broken_) return;
    }
  }
}

void PostgresConnection::flush(std::string_view sql) {
  PGconn* connection = connection_.get();
  for (;;) {
    const int left = PQflush(connection);
    if (left == 0) return;
    if (left < 0) throw failure_of(nullptr, sql);
    pollfd socket{PQsocket(connection), POLLIN | POLLOUT, 0};
    if (::poll(&socket, 1, -1) < 0 && errno != EINTR) throw failure_of(nullptr, sql);
    if ((socket.revents & POLLIN) != 0 && PQconsumeInput(connection) != 1) throw failure_of(nullptr, sql);
  }
}

void PostgresConnection::run_schema_script(std::string_view script) {
  const std::string translated = translate_schema(script, Dialect::postgres);
  if (translated.find_first_not_of(" \n") == std::string::npos) return;  // All of it was for SQLite.
  run_simple(translated.c_str());
}

void PostgresConnection::lock_schema() {
  // "wardline" in ASCII, until the end of the transaction.
  run_simple("SELECT pg_advisory_xact_lock(8602282538895502949)");
}

}  // namespace wardline::storage
