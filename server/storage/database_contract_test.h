// What the tests of the contract of every engine share: a schema, and a database of it on one engine.
#pragma once

#include "server/storage/database.h"
#include "server/storage/failure.h"
#include "tests/support/test_database.h"

namespace wardline::storage {

inline constexpr Migration kContractSchema[] = {{9001, "contract", R"(
CREATE TABLE things (
  id BIGINT PRIMARY KEY,
  ok BOOLEAN,
  ratio DOUBLE PRECISION,
  name TEXT,   -- it's a "name"
  body BYTES,
  owner BYTES
);
CREATE UNIQUE INDEX things_name ON things (name);
CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL CHECK (value >= 0)) WITHOUT ROWID;
CREATE TABLE parts (id BIGINT PRIMARY KEY, thing BIGINT NOT NULL REFERENCES things (id));
)"}};

class DatabaseContract : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    made_ = std::make_unique<support::TestDatabase>(GetParam(), gather({kContractSchema}), settings());
  }
  virtual Config settings() { return {}; }
  Database& db() { return **made_; }

  core::Result<void> put(std::int64_t id, std::string_view name) {
    return db().write([&](Transaction& tx) -> core::Result<void> {
      tx.execute("INSERT INTO things (id, name) VALUES ($1, $2)", id, name);
      return {};
    });
  }
  std::int64_t count_things() {
    return *db().read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
      return *tx.query_value<std::int64_t>("SELECT count(*) FROM things");
    });
  }

  std::unique_ptr<support::TestDatabase> made_;
};

}  // namespace wardline::storage
