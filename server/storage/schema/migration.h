// Schema changes: numbered SQL files of the modules, applied once each, in order, at start.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "server/core/clock.h"
#include "server/storage/database.h"

namespace wardline::storage {

/// One file `migrations/NNNN_title.sql` of a module, compiled in (cmake/WardlineMigrations.cmake). Numbers
/// are global: storage 0001–0099, audit 01xx, identity 02xx, directory 03xx, clinical 04xx, delivery 05xx,
/// others from 06xx on. A file that has shipped is never edited; a later one changes what it did.
struct Migration {
  int number;
  std::string_view title;
  std::string_view sql;
};

/// The migrations of several modules together: `gather({storage::migrations(), audit::migrations()})`.
std::vector<Migration> gather(std::initializer_list<std::span<const Migration>> modules);

/// Brings the schema up to date: what is missing is applied in the order of the numbers, each in its own
/// transaction, under a lock that makes other nodes wait. Returns how many were applied. Errors:
/// "schema-newer" (the database has a migration that this program does not know), "schema-altered" (an
/// applied file has another content here), "schema-invalid" (two with one number), and those of the database.
core::Result<int> migrate(Database& database, std::vector<Migration> migrations, const core::Clock& clock);

}  // namespace wardline::storage
