// Databases for tests, on either engine: one fresh, migrated database for each test.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "server/storage/database.h"
#include "server/storage/schema/migration.h"
#include "tests/support/private_postgres.h"

namespace wardline::support {

/// A directory that goes away with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// An open database that only this test uses. Goes away with this object.
class TestDatabase {
 public:
  /// `settings` says what differs from the defaults; engine and address are filled in. SQLite's file lies in
  /// `directory` if one is given. Throws std::runtime_error.
  explicit TestDatabase(storage::Engine engine, std::vector<storage::Migration> migrations = {},
                        storage::Config settings = {}, const std::filesystem::path& directory = {});
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  storage::Database& operator*() { return *database_; }
  storage::Database* operator->() { return database_.get(); }

  /// What storage::Database::open() needs for the same database once more.
  const storage::Config& config() const { return config_; }
  void close() { database_.reset(); }
  void open();

 private:
  TemporaryDirectory directory_;
  storage::Config config_;
  std::unique_ptr<storage::Database> database_;
};

/// Base of fixtures whose tests run once on each engine: write `TEST_P(MyTest, …)` and, once,
/// `WARDLINE_ON_EACH_ENGINE(MyTest);`. Tests for PostgreSQL are skipped, saying so, where it is not
/// installed.
class OnEachEngine : public ::testing::TestWithParam<storage::Engine> {
 protected:
  // In the header, so that benchmarks may use this file without GoogleTest's library.
  void SetUp() override {
    if (GetParam() == storage::Engine::postgres && PrivatePostgres::instance() == nullptr) {
      GTEST_SKIP() << "not run: PostgreSQL 15 is not installed";
    }
  }
};

inline std::string name_of_engine(const ::testing::TestParamInfo<storage::Engine>& info) {
  return info.param == storage::Engine::sqlite ? "Sqlite" : "Postgres";
}

#define WARDLINE_ON_EACH_ENGINE(fixture)                                                             \
  INSTANTIATE_TEST_SUITE_P(                                                                          \
      OnEachEngine, fixture,                                                                         \
      ::testing::Values(::wardline::storage::Engine::sqlite, ::wardline::storage::Engine::postgres), \
      ::wardline::support::name_of_engine)

}  // namespace wardline::support
