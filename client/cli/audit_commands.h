// `wardline audit`: what an auditor does with a log, off line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/console.h"

namespace wardline::cli {

/// In a data directory: the audit log, and the log of device certificates beside it.
struct AuditVerify {
  std::filesystem::path directory;  ///< a data directory, or a copy of one log's folder
  std::optional<std::string> key;   ///< the log's verifier key; else the one that lies beside the log
  std::optional<std::string> device_log_key = {};  ///< the same of the device log
  std::vector<std::string> witnesses;              ///< verifier keys
  std::vector<std::filesystem::path> checkpoints;  ///< earlier ones that the auditor kept
  std::optional<std::filesystem::path> database;  ///< else wardline.db in the data directory, if there is one
};
Exit run(const AuditVerify& command, Console& console);

struct AuditReceipt {
  std::filesystem::path directory;
  std::string entry;  ///< its number, counted from 0, or its id
  std::optional<std::string> key;
  std::vector<std::string> witnesses;
  std::optional<std::filesystem::path> output;  ///< else standard output
};
Exit run(const AuditReceipt& command, Console& console);

struct AuditVerifyReceipt {
  std::filesystem::path receipt;
  std::string key;
  std::vector<std::string> witnesses;
};
Exit run(const AuditVerifyReceipt& command, Console& console);

}  // namespace wardline::cli
