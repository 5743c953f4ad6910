// SQLite result codes as storage failures.
#pragma once

#include <string_view>

#include "server/storage/failure.h"

struct sqlite3;

namespace wardline::storage {

/// The failure that the last call on `handle` ended with. `sql` is the literal that ran.
StorageFailure sqlite_failure(sqlite3* handle, std::string_view sql);

}  // namespace wardline::storage
