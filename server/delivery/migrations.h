// The schema changes of the conversations.
#pragma once

#include "server/storage/schema/migration.h"

namespace wardline::delivery {

/// The files in migrations/, compiled in.
std::span<const storage::Migration> migrations();

}  // namespace wardline::delivery
