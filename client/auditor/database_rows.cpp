#include "client/auditor/database_rows.h"

#include <sqlite3.h>

namespace wardline::auditor {
namespace {

namespace fs = std::filesystem;

std::string uri_of(const fs::path& file, std::string_view options) {
  std::string uri = "file:";
  for (const char c : fs::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view kDigits = "0123456789abcdef";
      uri += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?" + std::string(options);
}

/// A copy on read-only media has no write-ahead log to follow, and no place for its index.
bool has_write_ahead_log(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(fs::path(file.string() + "-wal"), error);
  return !error && size != 0;
}

}  // namespace

struct DatabaseRows::Handles {
  sqlite3* database = nullptr;
  sqlite3_stmt* select = nullptr;

  Handles() = default;
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    sqlite3_finalize(select);
    sqlite3_close(database);
  }
  bool open(const std::string& uri, Table table) {
    const char* rows = table == Table::audit_entries
                           ? "SELECT position, entry FROM audit_entries ORDER BY position"
                           : "SELECT position, entry FROM device_entries ORDER BY position";
    sqlite3_finalize(select);
    select = nullptr;
    sqlite3_close(database);
    database = nullptr;
    return sqlite3_open_v2(uri.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr) ==
               SQLITE_OK &&
           sqlite3_prepare_v2(database, rows, -1, &select, nullptr) == SQLITE_OK;
  }
};

DatabaseRows::DatabaseRows(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
DatabaseRows::~DatabaseRows() = default;

std::expected<std::unique_ptr<DatabaseRows>, std::string> DatabaseRows::open(const fs::path& file,
                                                                             Table table) {
  auto handles = std::make_unique<Handles>();
  const bool opened =
      handles->open(uri_of(file, "mode=ro"), table) ||
      (!has_write_ahead_log(file) && handles->open(uri_of(file, "mode=ro&immutable=1"), table));
  if (!opened) return std::unexpected(std::string(sqlite3_errmsg(handles->database)));
  return std::unique_ptr<DatabaseRows>(new DatabaseRows(std::move(handles)));
}

bool DatabaseRows::has_any(const fs::path& file, Table table) {
  const auto rows = open(file, table);
  return rows && (*rows)->next().has_value();
}

std::optional<auditlog::EntryRow> DatabaseRows::next() {
  if (ended_) return std::nullopt;
  const int result = sqlite3_step(handles_->select);
  if (result != SQLITE_ROW) {
    ended_ = true;
    if (result == SQLITE_DONE) return std::nullopt;
    return auditlog::EntryRow{
        {}, "the database cannot be read: " + std::string(sqlite3_errmsg(handles_->database))};
  }
  const std::int64_t position = sqlite3_column_int64(handles_->select, 0);
  if (position != expected_) {
    ended_ = true;
    return auditlog::EntryRow{{},
                              "the row is missing: the next one has position " + std::to_string(position)};
  }
  ++expected_;
  const auto* text = static_cast<const char*>(sqlite3_column_blob(handles_->select, 1));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handles_->select, 1));
  return auditlog::EntryRow{std::string(text == nullptr ? "" : text, size)};
}

}  // namespace wardline::auditor
