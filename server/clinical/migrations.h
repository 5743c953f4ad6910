// The schema changes of patients and care teams.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::clinical {

/// The files in migrations/, compiled in.
std::span<const storage::Migration> migrations();

}  // namespace wardline::clinical
