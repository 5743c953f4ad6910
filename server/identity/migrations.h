// The schema changes of accounts, factors, sessions and devices.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::identity {

/// The files in migrations/, compiled in.
std::span<const storage::Migration> migrations();

}  // namespace wardline::identity
