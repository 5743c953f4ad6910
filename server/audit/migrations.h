// The schema changes of the audit log.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::audit {

/// The files in migrations/, compiled in.
std::span<const storage::Migration> migrations();

}  // namespace wardline::audit
