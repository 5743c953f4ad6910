#include "server/storage/schema/migration.h"

#include <algorithm>
#include <map>

#include "lib/crypto/hash.h"
#include "server/core/log.h"

namespace wardline::storage {

/// Runs one step under the schema lock.
class SchemaMigrator {
 public:
  explicit SchemaMigrator(Database& database, const core::Clock& clock)
      : database_(database), clock_(clock) {}

  core::Result<void> prepare() {
    return in_schema_transaction([](Transaction& tx) -> core::Result<void> {
      tx.connection_.run_schema_script(
          "CREATE TABLE IF NOT EXISTS schema_migrations ("
          " number BIGINT PRIMARY KEY, title TEXT NOT NULL, checksum BYTES NOT NULL, applied_at BIGINT NOT "
          "NULL);");
      return {};
    });
  }

  /// Number and checksum of everything applied.
  core::Result<std::map<int, Bytes>> applied() {
    return database_.read([](ReadTransaction& tx) -> core::Result<std::map<int, Bytes>> {
      std::map<int, Bytes> found;
      for (const Row row : tx.query("SELECT number, checksum FROM schema_migrations")) {
        found.emplace(row.get<int>(0), row.get<Bytes>(1));
      }
      return found;
    });
  }

  /// True if it was applied now, false if another node was faster.
  core::Result<bool> apply(const Migration& migration, const Bytes& checksum) {
    bool applied = false;
    const core::Result<void> done = in_schema_transaction([&](Transaction& tx) -> core::Result<void> {
      applied =
          tx.execute(
              "INSERT INTO schema_migrations (number, title, checksum, applied_at) VALUES ($1, $2, $3, $4)"
              " ON CONFLICT (number) DO NOTHING",
              migration.number, migration.title, checksum, clock_.now()) == 1;
      if (applied) tx.connection_.run_schema_script(migration.sql);
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return applied;
  }

 private:
  template <class Work>
  core::Result<void> in_schema_transaction(Work work) {
    core::Result<void> outcome;
    const core::Result<void> ran = database_.run(Access::schema, [&](Transaction& tx) {
      tx.connection_.lock_schema();
      outcome = work(tx);
      return outcome.has_value();
    });
    return ran ? outcome : ran;
  }

  Database& database_;
  const core::Clock& clock_;
};

namespace {

core::Result<void> check_against(const std::map<int, Bytes>& applied, const std::map<int, Bytes>& known) {
  for (const auto& [number, checksum] : applied) {
    const auto found = known.find(number);
    if (found == known.end()) {
      return core::fail(
          core::ErrorKind::unavailable, "schema-newer",
          "The database was changed by a newer version of this program. Start that version, or restore a "
          "backup from before the upgrade.",
          {{"migration", number}});
    }
    if (found->second != checksum) {
      return core::fail(core::ErrorKind::internal, "schema-altered",
                        "A schema change that the database has already seen is different in this program.",
                        {{"migration", number}});
    }
  }
  return {};
}

}  // namespace

std::vector<Migration> gather(std::initializer_list<std::span<const Migration>> modules) {
  std::vector<Migration> all;
  for (const auto module : modules) all.insert(all.end(), module.begin(), module.end());
  return all;
}

core::Result<int> migrate(Database& database, std::vector<Migration> migrations, const core::Clock& clock) {
  std::ranges::sort(migrations, {}, &Migration::number);
  std::map<int, Bytes> known;
  for (const Migration& migration : migrations) {
    if (!known.emplace(migration.number, crypto::sha256(as_bytes(migration.sql))).second) {
      return core::fail(core::ErrorKind::internal, "schema-invalid",
                        "Two schema changes have the same number.", {{"migration", migration.number}});
    }
  }
  SchemaMigrator migrator(database, clock);
  if (const auto prepared = migrator.prepare(); !prepared) return std::unexpected(prepared.error());
  const auto applied = migrator.applied();
  if (!applied) return std::unexpected(applied.error());
  if (const auto fits = check_against(*applied, known); !fits) return std::unexpected(fits.error());

  int count = 0;
  for (const Migration& migration : migrations) {
    if (applied->contains(migration.number)) continue;
    const auto now = migrator.apply(migration, known.at(migration.number));
    if (!now) {
      core::log::error("migration-failed", {{"migration", migration.number}});
      return std::unexpected(now.error());
    }
    count += *now ? 1 : 0;
  }
  return count;
}

}  // namespace wardline::storage
