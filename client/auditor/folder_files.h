// The files of an audit log in a folder, for reading only: an auditor's copy, or the log itself.
#pragma once

#include <filesystem>

#include "lib/auditlog/files.h"

namespace wardline::auditor {

class FolderFiles final : public auditlog::LogFiles {
 public:
  explicit FolderFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::expected<Bytes, auditlog::ReadError> read(const std::string& path) override;
  std::expected<std::vector<std::string>, auditlog::ReadError> list() override;

 private:
  std::filesystem::path folder_;
};

/// The whole file.
std::expected<Bytes, auditlog::ReadError> read_file(const std::filesystem::path& path);

}  // namespace wardline::auditor
