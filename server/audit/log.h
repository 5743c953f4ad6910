// The logs that the server keeps: each a tree of its own, with its own rows, folder and key, all of the same
// code.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "server/core/error.h"
#include "server/core/log.h"
#include "server/storage/sql.h"

namespace wardline::audit {

/// Where one log lies. The two in use are below; there is no other way to make one.
struct Log {
  core::log::Literal name;       ///< in the operator's log
  std::int64_t id;               ///< its row in audit_log and audit_sequencer
  std::string_view signing_key;  ///< its row in audit_keys
  std::string_view folder;       ///< below the data directory
  std::string_view origin;       ///< follows the host's name: "wardline.example.org/audit"

  storage::Sql append;     ///< $1 the entry
  storage::Sql entries;    ///< rows at positions [$1, $2], at most $3: position and entry
  storage::Sql positions;  ///< the same without the entries
};

/// The open end of a range of positions.
inline constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

/// "audit-rows-missing": the row of entry number `entry` is not there, while a later one is.
std::unexpected<core::Error> rows_missing(std::uint64_t entry);

/// What has been done: who, what, when (entry.h).
extern const Log kAuditLog;
/// Which device certificates were issued (lib/transparency/entry.h), and clients trust no other (ENC-8).
extern const Log kDeviceLog;

}  // namespace wardline::audit
