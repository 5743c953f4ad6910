// One transaction: what store code works with. Made by Database::read() and Database::write() only.
#pragma once

#include <functional>
#include <span>

#include "server/core/error.h"
#include "server/storage/connection.h"

namespace wardline::storage {

/// A consistent snapshot, for reading. Every call throws StorageFailure, which ends the transaction; do not
/// catch it.
class ReadTransaction {
 public:
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  template <class... Args>
  Rows query(Sql sql, const Args&... args) {
    return connection_.query(sql, std::initializer_list<Parameter>{Parameter(args)...});
  }

  /// The first column of the first row; nothing when there is no row. `T` as in Row::get.
  template <class T, class... Args>
  std::optional<T> query_value(Sql sql, const Args&... args) {
    const Rows rows = query(sql, args...);
    return rows.empty() ? std::optional<T>() : rows.front().get<T>(0);
  }

  /// The statement once for each row of parameters, in one trip to the server; all answers one after the
  /// other.
  Rows query_many(Sql sql, std::span<const ParameterRow> rows) { return connection_.query_many(sql, rows); }

  /// Runs after this transaction is durable (or, for reading, has ended well), on the same thread, outside of
  /// any transaction; not at all if it rolls back.
  void after_commit(std::function<void()> then) { after_commit_.push_back(std::move(then)); }

 protected:
  friend class Database;
  explicit ReadTransaction(Connection& connection) : connection_(connection) {}
  ~ReadTransaction() = default;

  Connection& connection_;
  std::vector<std::function<void()>> after_commit_;
};

/// A serialisable transaction that may change things. Store code that only reads takes a ReadTransaction&:
/// both fit.
class Transaction : public ReadTransaction {
 public:
  /// Returns the number of rows inserted, updated or deleted.
  template <class... Args>
  std::int64_t execute(Sql sql, const Args&... args) {
    return connection_.execute(sql, std::initializer_list<Parameter>{Parameter(args)...});
  }

  /// The statement once for each row of parameters: the hot path (one prepared statement, one trip to the
  /// server). Returns the number of changed rows of each.
  std::vector<std::int64_t> execute_many(Sql sql, std::span<const ParameterRow> rows) {
    return connection_.execute_many(sql, rows);
  }

  /// A part that may fail without taking the rest along: undone when `part(*this)` returns an error or throws
  /// StorageFailure `already_exists` or `constraint`, which becomes the error.
  template <class Part>
  std::invoke_result_t<Part&, Transaction&> attempt(Part&& part);

 private:
  friend class Database;
  friend class SchemaMigrator;
  using ReadTransaction::ReadTransaction;

  core::Result<void> run_attempt(const std::function<bool(Transaction&)>& part);
};

template <class Part>
std::invoke_result_t<Part&, Transaction&> Transaction::attempt(Part&& part) {
  using Outcome = std::invoke_result_t<Part&, Transaction&>;
  std::optional<Outcome> outcome;
  const core::Result<void> ran = run_attempt([&](Transaction& tx) {
    outcome.emplace(part(tx));
    return outcome->has_value();
  });
  if (!ran) return std::unexpected(ran.error());
  return std::move(*outcome);
}

}  // namespace wardline::storage
