#include "server/storage/sqlite/sqlite_connection.h"

#include <sqlite3.h>

#include "server/storage/schema/dialect.h"
#include "server/storage/sqlite/gathered_log.h"
#include "server/storage/sqlite/sqlite_error.h"

namespace wardline::storage {
namespace {

// Puts the statement back into its initial state on every way out, so that it holds no lock and no reference
// to the caller's parameters.
class ResetAfter {
 public:
  explicit ResetAfter(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetAfter() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  ResetAfter(const ResetAfter&) = delete;
  ResetAfter& operator=(const ResetAfter&) = delete;

 private:
  sqlite3_stmt* statement_;
};

void add_column(sqlite3_stmt* statement, int column, Rows& rows) {
  const auto view = [&](const void* data) {
    return ByteView(static_cast<const std::uint8_t*>(data),
                    static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return rows.add_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return rows.add_real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT:
      return rows.add_text(view(sqlite3_column_text(statement, column)));
    case SQLITE_BLOB:
      return rows.add_bytes(view(sqlite3_column_blob(statement, column)));
    default:
      return rows.add_null();
  }
}

}  // namespace

void SqliteConnection::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteConnection::SqliteConnection(const std::filesystem::path& file, Role role) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, gathered_log());
  handle_.reset(opened);
  if (code != SQLITE_OK) fail("open");
  sqlite3_busy_timeout(opened, 5000);  // Only other processes (a backup) can be in the way.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);  // "x" is never a text.
  // Of a new database only: one that has pages keeps their size. Twice SQLite's own, as a message's row is a
  // kilobyte: a commit of many writes fewer pages, one of a few no more of them.
  run("PRAGMA page_size = 8192");
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  run("PRAGMA wal_autocheckpoint = 0");
  run("PRAGMA foreign_keys = ON");
  run("PRAGMA temp_store = MEMORY");
  run("PRAGMA cell_size_check = ON");
  // What is deleted is overwritten: a data key that was shredded must not survive in a free page.
  run("PRAGMA secure_delete = ON");
  if (role == Role::writer) run("PRAGMA cache_size = -65536");
  if (role == Role::reader) run("PRAGMA query_only = ON");
}

SqliteConnection::~SqliteConnection() { prepared_.clear(); }

void SqliteConnection::fail(std::string_view sql) const { throw sqlite_failure(handle_.get(), sql); }

void SqliteConnection::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

void SqliteConnection::begin(Access access) {
  switch (access) {
    case Access::read:
      execute("BEGIN DEFERRED", {});
      return;
    case Access::write:
    case Access::write_alone:
      execute("BEGIN IMMEDIATE", {});
      return;
    case Access::schema:
      execute("BEGIN EXCLUSIVE", {});
      return;
  }
}

void SqliteConnection::commit() { execute("COMMIT", {}); }

void SqliteConnection::rollback() noexcept {
  // A full disk or an I/O error may have rolled back already.
  if (sqlite3_get_autocommit(handle_.get()) == 0)
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

SqliteConnection::Prepared& SqliteConnection::prepare(Sql sql) {
  if (const auto found = prepared_.find(sql.c_str()); found != prepared_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  const std::string_view text = sql.view();
  if (sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()) + 1,
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    fail(text);
  }
  Prepared prepared{std::unique_ptr<sqlite3_stmt, Finalize>(statement), std::vector<int>(sql.parameters())};
  // STACK: to SQLite `$1` is a name, numbered in the order in which names occur.
  for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
    const char* name = sqlite3_bind_parameter_name(statement, index);
    const int number = name != nullptr && name[0] == '$' ? std::atoi(name + 1) : 0;
    if (number < 1 || static_cast<std::size_t>(number) > sql.parameters())
      throw StorageFailure(StorageFailure::Cause::misuse, "parameters are $1, $2, …: " + std::string(text));
    prepared.index_of.resize(
        std::max<std::size_t>(prepared.index_of.size(), static_cast<std::size_t>(number)));
    prepared.index_of[static_cast<std::size_t>(number) - 1] = index;
  }
  return prepared_.emplace(sql.c_str(), std::move(prepared)).first->second;
}

void SqliteConnection::bind(const Prepared& prepared, std::span<const Parameter> parameters, Sql sql) {
  check_parameter_count(sql, parameters);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (prepared.index_of[i] != 0)
      bind_one(prepared.statement.get(), prepared.index_of[i], parameters[i], sql);
  }
}

void SqliteConnection::bind_one(sqlite3_stmt* statement, int index, const Parameter& parameter, Sql sql) {
  const ByteView view = parameter.view();
  const auto* text = reinterpret_cast<const char*>(view.data());
  int code = SQLITE_OK;
  if (parameter.is_null()) {
    code = sqlite3_bind_null(statement, index);
  } else {
    switch (parameter.type()) {
      case Parameter::Type::boolean:
      case Parameter::Type::integer:
        code = sqlite3_bind_int64(statement, index, parameter.integer());
        break;
      case Parameter::Type::real:
        code = sqlite3_bind_double(statement, index, parameter.real());
        break;
      case Parameter::Type::text:
        check_text(view);
        // An empty view may have no address, which SQLite would take for NULL.
        code = sqlite3_bind_text64(statement, index, text == nullptr ? "" : text, view.size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
        break;
      case Parameter::Type::bytes:
        code = view.empty() ? sqlite3_bind_zeroblob(statement, index, 0)
                            : sqlite3_bind_blob64(statement, index, view.data(), view.size(), SQLITE_STATIC);
        break;
      case Parameter::Type::unknown:
        code = SQLITE_MISUSE;
        break;
    }
  }
  if (code != SQLITE_OK) fail(sql.view());
}

void SqliteConnection::run(const Prepared& prepared, std::span<const Parameter> parameters, Rows* rows,
                           Sql sql) {
  sqlite3_stmt* statement = prepared.statement.get();
  const ResetAfter reset(statement);
  bind(prepared, parameters, sql);
  const int columns = rows == nullptr ? 0 : sqlite3_column_count(statement);
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return;
    if (code != SQLITE_ROW) fail(sql.view());
    for (int column = 0; column < columns; ++column) add_column(statement, column, *rows);
  }
}

std::int64_t SqliteConnection::changes_of(const Prepared& prepared) const {
  return sqlite3_stmt_readonly(prepared.statement.get()) != 0 ? 0 : sqlite3_changes64(handle_.get());
}

Rows SqliteConnection::query(Sql sql, std::span<const Parameter> parameters) {
  const Prepared& prepared = prepare(sql);
  Rows rows(static_cast<std::size_t>(sqlite3_column_count(prepared.statement.get())));
  run(prepared, parameters, &rows, sql);
  return rows;
}

Rows SqliteConnection::query_many(Sql sql, std::span<const ParameterRow> rows) {
  const Prepared& prepared = prepare(sql);
  Rows all(static_cast<std::size_t>(sqlite3_column_count(prepared.statement.get())));
  for (const ParameterRow& row : rows) run(prepared, row, &all, sql);
  return all;
}

std::int64_t SqliteConnection::execute(Sql sql, std::span<const Parameter> parameters) {
  const Prepared& prepared = prepare(sql);
  run(prepared, parameters, nullptr, sql);
  return changes_of(prepared);
}

std::vector<std::int64_t> SqliteConnection::execute_many(Sql sql, std::span<const ParameterRow> rows) {
  const Prepared& prepared = prepare(sql);
  std::vector<std::int64_t> changed;
  changed.reserve(rows.size());
  for (const ParameterRow& row : rows) {
    run(prepared, row, nullptr, sql);
    changed.push_back(changes_of(prepared));
  }
  return changed;
}

void SqliteConnection::run_schema_script(std::string_view script) {
  run(translate_schema(script, Dialect::sqlite).c_str());
}

}  // namespace wardline::storage
