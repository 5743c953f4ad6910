// The one dialect that migrations are written in, as each engine understands it.
#pragma once

#include <string>
#include <string_view>

namespace wardline::storage {

enum class Dialect { sqlite, postgres };

/// Translates a migration. Its types are BIGINT, BOOLEAN, DOUBLE PRECISION, TEXT and BYTES, in capitals:
///
/// | written              | SQLite (every table STRICT) | PostgreSQL       |
/// |----------------------|-----------------------------|------------------|
/// | BIGINT PRIMARY KEY   | INTEGER PRIMARY KEY (rowid) | same             |
/// | BIGINT, BOOLEAN      | INTEGER                     | same             |
/// | DOUBLE PRECISION     | REAL                        | same             |
/// | TEXT                 | TEXT                        | TEXT COLLATE "C" |
/// | BYTES                | BLOB                        | BYTEA            |
/// | WITHOUT ROWID        | same                        | left out         |
///
/// A line `--@sqlite` or `--@postgres` starts a part for that engine alone, `--@both` ends it. Other comments
/// are dropped.
std::string translate_schema(std::string_view script, Dialect dialect);

}  // namespace wardline::storage
