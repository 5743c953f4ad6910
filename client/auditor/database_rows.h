// The entries of a log as the server's SQLite database holds them, read without the server and without
// changing anything.
//
// The one use of SQLite outside server/storage: an auditor's program shares no code with the server that it
// checks.
#pragma once

#include <filesystem>
#include <memory>

#include "lib/auditlog/verify.h"

namespace wardline::auditor {

/// Which log's rows.
enum class Table : std::uint8_t { audit_entries, device_entries };

class DatabaseRows final : public auditlog::EntryRows {
 public:
  /// The reason in words if the file cannot be opened or has no such table.
  static std::expected<std::unique_ptr<DatabaseRows>, std::string> open(const std::filesystem::path& file,
                                                                        Table table);
  /// Whether the file can be opened and the table has a row.
  static bool has_any(const std::filesystem::path& file, Table table);
  ~DatabaseRows() override;
  DatabaseRows(const DatabaseRows&) = delete;
  DatabaseRows& operator=(const DatabaseRows&) = delete;

  std::optional<auditlog::EntryRow> next() override;

 private:
  struct Handles;
  explicit DatabaseRows(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
  std::int64_t expected_ = 1;  ///< position of the next row
  bool ended_ = false;
};

}  // namespace wardline::auditor
