// One connection to PostgreSQL: transactions in as few trips as their answers allow.
#pragma once

#include <functional>
#include <optional>

#include "server/storage/connection.h"
#include "server/storage/postgres/pipeline.h"

namespace wardline::storage {

/// BEGIN goes along with the first statement of a transaction. Inserts of plain rows (insert_rows.h), of
/// which nobody needs an answer, go along with the next statement that has one, COMMIT at the latest: there
/// their failure comes out, as their own, and nothing behind them was done.
class PostgresConnection final : public Connection {
 public:
  /// Connects and sets the session up. Throws StorageFailure.
  explicit PostgresConnection(const std::string& conninfo);

  /// False once the server has gone away: to be dropped.
  bool is_usable() const { return pipeline_.is_usable(); }

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
  void queue(Pipeline::Role role, Sql sql, std::span<const Parameter> parameters, std::size_t rows = 1);
  void queue_begin();
  void insert_rows(Sql sql, std::span<const ParameterRow> rows);
  Pipeline::Answer ask(Sql sql, std::span<const Parameter> parameters);
  /// The statement once for each row, in as few trips as memory allows; the answers in their order.
  void ask_each(Sql sql, std::span<const ParameterRow> rows,
                const std::function<void(const PGresult*)>& answered);
  void run_script(const char* text);

  Pipeline pipeline_;
  std::optional<Access> to_begin_;  ///< Until the first statement.
  bool reading_ = false;
};

}  // namespace wardline::storage
