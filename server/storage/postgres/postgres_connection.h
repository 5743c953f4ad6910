// One connection to PostgreSQL with its prepared statements.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <libpq-fe.h>

#include "server/storage/connection.h"
#include "server/storage/failure.h"

namespace wardline::storage {

class PostgresConnection final : public Connection {
 public:
  /// Connects and sets the session up. Throws StorageFailure.
  explicit PostgresConnection(const std::string& conninfo);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  /// False once the server has gone away: to be dropped.
  bool is_usable() const { return !broken_; }

  void begin(Access access) override;
  void commit() override;
  void rollback() noexcept override;
  Rows query(Sql sql, std::span<const Parameter> parameters) override;
  Rows query_many(Sql sql, std::span<const ParameterRow> rows) override;
  std::int64_t execute(Sql sql, std::span<const Parameter> parameters) override;
  std::vector<std::int64_t> execute_many(Sql sql, std::span<const ParameterRow> rows) override;
  void run_schema_script(std::string_view script) override;
  void lock_schema() override;

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  /// One prepared statement and what it runs with.
  struct Step {
    const std::string* name;
    std::span<const Parameter> parameters;
  };
  using Steps = std::vector<Step>;

  /// The name of the prepared statement for this text and these types, of so many rows (insert_rows.h).
  const std::string& prepare(Sql sql, std::span<const Parameter> parameters, std::size_t rows);
  Answer run_prepared(Sql sql, std::span<const Parameter> parameters);
  /// Without parameters; `text` may hold several statements.
  void run_simple(const char* text);
  /// The statement once for each row.
  Steps one_by_one(Sql sql, std::span<const ParameterRow> rows);
  void insert_many(Sql sql, std::span<const ParameterRow> rows);
  /// All steps in one trip; the answers in their order.
  std::vector<Answer> run_pipelined(Sql sql, const Steps& steps);
  void send(Sql sql, const Steps& steps);
  /// Ends the pipeline: the answers of all its statements, or the first failure.
  void collect(Sql sql, std::vector<Answer>& answers, std::optional<StorageFailure>& failure);
  void flush(std::string_view sql);
  void check(const PGresult* answer, std::string_view sql);
  StorageFailure failure_of(const PGresult* answer, std::string_view sql);

  std::unique_ptr<PGconn, Finish> connection_;
  std::unordered_map<std::string, std::string> prepared_;
  bool broken_ = false;
  bool committing_ = false;
};

}  // namespace wardline::storage
