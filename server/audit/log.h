// The logs that the server keeps: each a tree of its own, with its own rows, folder and key, all of the same
// code.
#pragma once

#include <cstdint>
#include <string_view>

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

  storage::Sql append;  ///< $1 the entry
  storage::Sql
      entries_sqlite;    ///< after position $1, at most $2: SQLite, where the order of commits is the place
  storage::Sql entries;  ///< the same from the table of places, on other engines
  /// On other engines rows wait until the sequencer moves them to their place: at most $1, in the order of
  /// their numbers, behind the last that has a place.
  storage::Sql place_waiting;
};

/// What has been done: who, what, when (entry.h).
extern const Log kAuditLog;
/// Which device certificates were issued (lib/transparency/entry.h), and clients trust no other (ENC-8).
extern const Log kDeviceLog;

}  // namespace wardline::audit
