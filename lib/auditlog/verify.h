// Whether an audit log is whole: every entry, tile and line of the checkpoint agrees with every other and
// with the signature, and with the rows of the database that the entries came from.
#pragma once

#include "lib/auditlog/checkpoint_file.h"
#include "lib/auditlog/files.h"

namespace wardline::auditlog {

/// One row of the database's table of entries.
struct EntryRow {
  std::string entry;
  /// Set if the row is not where it has to be, or not readable: what is wrong, as a sentence.
  std::string problem = {};
};

/// The entries as the database holds them, in the order of the log, also those that are not in the log yet.
class EntryRows {
 public:
  virtual ~EntryRows() = default;
  /// The next row; nothing after the last one.
  virtual std::optional<EntryRow> next() = 0;
};

struct VerifyOptions {
  Trust trust;
  EntryRows* rows = nullptr;  ///< may be absent: a copy of the log alone
  std::vector<std::string> earlier =
      {};  ///< checkpoint files that the auditor kept: the log must continue them
};

struct Report {
  std::vector<Finding> findings;  ///< what is wrong, the most telling first; empty: the log is whole
  std::uint64_t size = 0;         ///< entries under the signature
  merkle::Hash root{};
  unsigned cosignatures = 0;
  std::uint64_t waiting = 0;  ///< rows of the database that are not in the log yet
  /// The newest of `size`: signed, and on their way to their places (staging/) when the server ended, if it
  /// has.
  std::uint64_t arriving = 0;

  bool is_whole() const { return findings.empty(); }
};

/// Reads everything once, from left to right; memory does not grow with the log but for the list of its
/// files. A server may go on writing meanwhile, or have been killed at any point.
Report verify_log(LogFiles& files, const VerifyOptions& options);

}  // namespace wardline::auditlog
