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
  // New files become part of the log together with the checkpoint that covers them, in four steps. Whoever
  // finds the log after a crash anywhere in between finds the old log, or the new one with some files still
  // in staging.

  /// Writes a file beside the log, in staging.
  virtual core::Result<void> put(const std::string& path, ByteView bytes) = 0;
  /// Everything put so far, and the signed checkpoint that covers it, survive a power loss when this returns.
  virtual core::Result<void> stage_checkpoint(ByteView checkpoint) = 0;
  /// Moves a staged file to its path; where it is there already, nothing happens.
  virtual core::Result<void> place(const std::string& path) = 0;
  /// All files are placed: the staged checkpoint becomes the log's, and survives a power loss.
  virtual core::Result<void> place_checkpoint() = 0;
  /// Removes what was put and never got a checkpoint.
  virtual core::Result<void> clear_staging() = 0;

  /// Replaces a file at once and for good: after it returns, the new content survives a power loss.
  virtual core::Result<void> replace(const std::string& path, ByteView bytes) = 0;
  /// Removes the narrower copies of a tile that is full now. What cannot be removed stays: it does no harm.
  virtual void remove_partials(const merkle::Tile& full) = 0;
};

/// A folder of the data directory.
class FolderStore final : public LogStore {
 public:
  /// Makes the folder if it is absent (mode 0700).
  /// Errors: "audit-folder-unusable".
  static core::Result<std::unique_ptr<FolderStore>> open(std::filesystem::path folder);

  std::expected<Bytes, auditlog::ReadError> read(const std::string& path) override;
  std::expected<std::vector<std::string>, auditlog::ReadError> list() override;
  /// Errors of these: "storage-full", "audit-folder-unusable".
  core::Result<void> put(const std::string& path, ByteView bytes) override;
  core::Result<void> stage_checkpoint(ByteView checkpoint) override;
  core::Result<void> place(const std::string& path) override;
  core::Result<void> place_checkpoint() override;
  core::Result<void> clear_staging() override;
  core::Result<void> replace(const std::string& path, ByteView bytes) override;
  void remove_partials(const merkle::Tile& full) override;

 private:
  explicit FolderStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path folder_;
  std::set<std::string> put_;     ///< Not flushed yet.
  std::set<std::string> placed_;  ///< Their folders are not flushed yet.
};

}  // namespace wardline::audit
