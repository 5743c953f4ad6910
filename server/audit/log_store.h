// Where the log's files are written: a folder, or anything that keeps files and can say when they are safe.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "lib/auditlog/files.h"
#include "server/core/error.h"

namespace wardline::audit {

class LogStore : public auditlog::LogFiles {
 public:
  /// Writes a file whole: it is absent or complete, never in between. Safe after the next sync() only.
  virtual core::Result<void> put(const std::string& path, ByteView bytes) = 0;
  /// Everything put so far survives a power loss when this returns.
  virtual core::Result<void> sync() = 0;
  /// Replaces a file at once and for good: after it returns, the new content survives a power loss.
  virtual core::Result<void> replace(const std::string& path, ByteView bytes) = 0;
  /// Removes the narrower copies of a tile that is full now. What cannot be removed stays: it does no harm.
  virtual void remove_partials(const merkle::Tile& full) = 0;
};

/// A folder of the data directory.
class FolderStore final : public LogStore {
 public:
  /// Makes the folder if it is absent (mode 0700) and clears what a crash left in `staging/`.
  /// Errors: "audit-folder-unusable".
  static core::Result<std::unique_ptr<FolderStore>> open(std::filesystem::path folder);

  std::expected<Bytes, auditlog::ReadError> read(const std::string& path) override;
  std::expected<std::vector<std::string>, auditlog::ReadError> list() override;
  /// Errors of the three: "storage-full", "audit-folder-unusable".
  core::Result<void> put(const std::string& path, ByteView bytes) override;
  core::Result<void> sync() override;
  core::Result<void> replace(const std::string& path, ByteView bytes) override;
  void remove_partials(const merkle::Tile& full) override;

 private:
  explicit FolderStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  core::Result<void> stage(ByteView bytes, bool durable);
  core::Result<void> move_from_staging(const std::string& path);

  const std::filesystem::path folder_;
  std::set<std::string> unsafe_;  ///< Put, and not synced yet.
};

}  // namespace wardline::audit
