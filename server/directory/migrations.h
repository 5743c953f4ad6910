// The schema changes of the directory and the on-call rota.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::directory {

/// The files in migrations/, compiled in.
std::span<const storage::Migration> migrations();

}  // namespace wardline::directory
