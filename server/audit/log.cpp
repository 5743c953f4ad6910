#include "server/audit/log.h"

namespace wardline::audit {

constinit const Log kAuditLog{
    .name = "audit",
    .id = 1,
    .signing_key = "log",
    .folder = "audit",
    .origin = "/audit",
    .append = "INSERT INTO audit_entries (entry) VALUES ($1)",
    .entries =
        "SELECT position, entry FROM audit_entries WHERE position BETWEEN $1 AND $2 ORDER BY position LIMIT "
        "$3",
    .positions =
        "SELECT position FROM audit_entries WHERE position BETWEEN $1 AND $2 ORDER BY position LIMIT $3"};

constinit const Log kDeviceLog{
    .name = "devices",
    .id = 2,
    .signing_key = "device-log",
    .folder = "device-log",
    .origin = "/devices",
    .append = "INSERT INTO device_entries (entry) VALUES ($1)",
    .entries =
        "SELECT position, entry FROM device_entries WHERE position BETWEEN $1 AND $2 ORDER BY position LIMIT "
        "$3",
    .positions =
        "SELECT position FROM device_entries WHERE position BETWEEN $1 AND $2 ORDER BY position LIMIT $3"};

std::unexpected<core::Error> rows_missing(std::uint64_t entry) {
  return core::fail(core::ErrorKind::internal, "audit-rows-missing",
                    "A row of the table of the log's entries is missing. Restore the database from a backup.",
                    {{"entry", static_cast<std::int64_t>(entry)}});
}

}  // namespace wardline::audit
