// The schema changes that belong to storage itself.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::storage {

/// The files in migrations/, compiled in.
std::span<const Migration> migrations();

}  // namespace wardline::storage
