// SQLSTATEs as storage failures.
#pragma once

#include <string_view>

#include "server/storage/failure.h"

namespace wardline::storage {

/// What an SQLSTATE (PostgreSQL 15, appendix A) means to us. `sql` is the literal that ran. The message of
/// the server is never used: it may quote values.
StorageFailure postgres_failure(std::string_view sqlstate, std::string_view sql);

}  // namespace wardline::storage
