#include "server/audit/log.h"

namespace wardline::audit {

constinit const Log kAuditLog{
    .name = "audit",
    .id = 1,
    .signing_key = "log",
    .folder = "audit",
    .origin = "/audit",
    .append = "INSERT INTO audit_entries (entry) VALUES ($1)",
    .entries_sqlite =
        "SELECT position, entry FROM audit_entries WHERE position > $1 ORDER BY position LIMIT $2",
    .entries = "SELECT position, entry FROM audit_log_entries WHERE position > $1 ORDER BY position LIMIT $2",
    .place_waiting =
        "WITH waiting AS (DELETE FROM audit_entries WHERE position IN "
        "(SELECT position FROM audit_entries ORDER BY position LIMIT $1) RETURNING position, entry) "
        "INSERT INTO audit_log_entries (position, entry) "
        "SELECT (SELECT COALESCE(MAX(position), 0) FROM audit_log_entries) + "
        "row_number() OVER (ORDER BY position), entry FROM waiting"};

constinit const Log kDeviceLog{
    .name = "devices",
    .id = 2,
    .signing_key = "device-log",
    .folder = "device-log",
    .origin = "/devices",
    .append = "INSERT INTO device_entries (entry) VALUES ($1)",
    .entries_sqlite =
        "SELECT position, entry FROM device_entries WHERE position > $1 ORDER BY position LIMIT $2",
    .entries =
        "SELECT position, entry FROM device_log_entries WHERE position > $1 ORDER BY position LIMIT $2",
    .place_waiting =
        "WITH waiting AS (DELETE FROM device_entries WHERE position IN "
        "(SELECT position FROM device_entries ORDER BY position LIMIT $1) RETURNING position, entry) "
        "INSERT INTO device_log_entries (position, entry) "
        "SELECT (SELECT COALESCE(MAX(position), 0) FROM device_log_entries) + "
        "row_number() OVER (ORDER BY position), entry FROM waiting"};

}  // namespace wardline::audit
