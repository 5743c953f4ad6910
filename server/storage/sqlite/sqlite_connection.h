// One SQLite connection with its prepared statements.
#pragma once

#include <filesystem>
#include <memory>
#include <unordered_map>

#include "server/storage/connection.h"

struct sqlite3;
struct sqlite3_stmt;

namespace wardline::storage {

class SqliteConnection final : public Connection {
 public:
  enum class Role { writer, reader, checkpointer };

  /// Opens `file`, which is created if it is absent, in WAL mode with full durability. Throws StorageFailure.
  SqliteConnection(const std::filesystem::path& file, Role role);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  void begin(Access access) override;
  void commit() override;
  void rollback() noexcept override;
  Rows query(Sql sql, std::span<const Parameter> parameters) override;
  Rows query_many(Sql sql, std::span<const ParameterRow> rows) override;
  std::int64_t execute(Sql sql, std::span<const Parameter> parameters) override;
  std::vector<std::int64_t> execute_many(Sql sql, std::span<const ParameterRow> rows) override;
  void run_schema_script(std::string_view script) override;
  void lock_schema() override {}  // There is one writer.

  /// Without parameters and answers: PRAGMA and the like.
  void run(const char* sql);
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalize> statement;
    std::vector<int> index_of;  // Of `$n` at n - 1; 0 when the statement does not mention it.
  };

  Prepared& prepare(Sql sql);
  void bind(const Prepared& prepared, std::span<const Parameter> parameters, Sql sql);
  void bind_one(sqlite3_stmt* statement, int index, const Parameter& parameter, Sql sql);
  /// Binds and steps to the end. Adds the rows to `rows` if it is given.
  void run(const Prepared& prepared, std::span<const Parameter> parameters, Rows* rows, Sql sql);
  std::int64_t changes_of(const Prepared& prepared) const;
  [[noreturn]] void fail(std::string_view sql) const;

  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<const char*, Prepared> prepared_;
};

}  // namespace wardline::storage
