// What an engine has to provide: one connection that runs statements and transactions. Only storage itself
// uses it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "server/storage/parameter.h"
#include "server/storage/rows.h"
#include "server/storage/sql.h"

namespace wardline::storage {

/// Throws StorageFailure `misuse` unless the statement takes that many.
void check_parameter_count(Sql sql, std::span<const Parameter> parameters);

/// What a transaction may do.
enum class Access {
  read,
  write,
  write_alone,  ///< Waits until no other transaction writes, and keeps them out: it cannot lose a race.
  schema,       ///< Sees the latest committed state after it has waited for the schema lock.
};

/// Used by one thread at a time. Every call throws StorageFailure.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual void begin(Access access) = 0;
  virtual void commit() = 0;
  /// Always works: a connection that cannot roll back is dropped.
  virtual void rollback() noexcept = 0;

  virtual Rows query(Sql sql, std::span<const Parameter> parameters) = 0;
  virtual Rows query_many(Sql sql, std::span<const ParameterRow> rows) = 0;
  virtual std::int64_t execute(Sql sql, std::span<const Parameter> parameters) = 0;
  virtual std::vector<std::int64_t> execute_many(Sql sql, std::span<const ParameterRow> rows) = 0;

  /// Several statements without parameters, in the one dialect of our migrations (schema/dialect.h).
  virtual void run_schema_script(std::string_view script) = 0;
  /// Until the end of the transaction nobody else changes the schema.
  virtual void lock_schema() = 0;
};

}  // namespace wardline::storage
