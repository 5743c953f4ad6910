#include "tests/support/test_database.h"

#include <unistd.h>

#include <stdexcept>

namespace wardline::support {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "wardline-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TestDatabase::TestDatabase(storage::Engine engine, std::vector<storage::Migration> migrations,
                           storage::Config settings, const std::filesystem::path& directory)
    : config_(std::move(settings)) {
  config_.engine = engine;
  config_.file = (directory.empty() ? directory_.path() : directory) / "wardline.db";
  if (engine == storage::Engine::postgres) config_.postgres = PrivatePostgres::instance()->create_schema();
  open();
  const auto migrated = storage::migrate(*database_, std::move(migrations), core::SystemClock());
  if (!migrated) throw std::runtime_error("migrate: " + migrated.error().detail);
}

TestDatabase::~TestDatabase() {
  close();
  if (!config_.postgres.empty()) PrivatePostgres::instance()->drop_schema(config_.postgres);
}

void TestDatabase::open() {
  auto opened = storage::Database::open(config_);
  if (!opened) throw std::runtime_error("open: " + opened.error().detail);
  database_ = std::move(*opened);
}

}  // namespace wardline::support
