// The schema changes of the files.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::files {

/// The files in migrations/, compiled in.
std::span<const storage::Migration> migrations();

}  // namespace wardline::files
