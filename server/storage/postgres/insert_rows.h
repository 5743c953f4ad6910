// One INSERT for many rows: PostgreSQL then starts a statement once and not once for each row, which is most
// of what a small row costs it.
#pragma once

#include <string>

#include "server/storage/sql.h"

namespace wardline::storage {

/// Whether the statement is `INSERT INTO … VALUES (…)` with one row and nothing behind it: no ON CONFLICT, no
/// RETURNING. Such a statement inserts its row or fails.
bool inserts_one_row(Sql sql);

/// The same statement with `rows` rows, at least one: `VALUES ($1, $2), ($3, $4)`. Only of what
/// inserts_one_row().
std::string insert_of_rows(Sql sql, std::size_t rows);

}  // namespace wardline::storage
