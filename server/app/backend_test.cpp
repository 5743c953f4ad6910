// Servers that share a PostgreSQL database: who among them writes the logs.
#include "server/app/backend.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "server/audit/append.h"
#include "tests/support/test_database.h"

namespace wardline::app {
namespace {

namespace fs = std::filesystem;

class BackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (support::PrivatePostgres::instance() == nullptr)
      GTEST_SKIP() << "not run: PostgreSQL 15 is not installed";
    database_ = std::make_unique<support::TestDatabase>(storage::Engine::postgres);
    serve(here());  // Makes keys and tables.
    // What a server leaves behind that was killed as the writer: its right, and acts that are not in the log.
    const auto place = storage::DataDirectory::open(here())->place();
    const core::Time far{clock_.now().microseconds + 3'600'000'000};
    ASSERT_TRUE((*database_)->write([&](storage::Transaction& tx) -> core::Result<void> {
      for (const audit::Log* log : {&audit::kAuditLog, &audit::kDeviceLog})
        tx.execute("INSERT INTO audit_sequencer (id, holder, until_at) VALUES ($1, $2, $3)", log->id,
                   audit::NodeId(place), far);
      audit::append(tx, audit::Entry::by_system(audit::SystemAct::start, audit::Outcome::done, clock_.now()));
      return {};
    }));
  }

  fs::path here() const { return directory_.path() / "data"; }

  /// Starts on that directory and stops in order, which signs what waits, if it may.
  void serve(const fs::path& data) {
    BackendOptions options;
    options.data = data;
    options.postgres = database_->config().postgres;
    options.log_host = "localhost";
    options.relying_party = {"localhost", "Hospital", {"https://localhost"}};
    options.create = true;
    auto backend = Backend::open(std::move(options), clock_);
    ASSERT_TRUE(backend) << backend.error().detail;
    ASSERT_TRUE((*backend)->start_logs());
  }

  std::int64_t waiting() {
    return (*database_)
        ->read([](storage::ReadTransaction& tx) -> core::Result<std::int64_t> {
          const auto placed = tx.query_value<std::int64_t>(
              "SELECT CAST(COALESCE(SUM(entries), 0) AS BIGINT) FROM audit_places WHERE log_id = 1");
          return tx.query_value<std::int64_t>("SELECT COUNT(*) FROM audit_entries").value() - placed.value();
        })
        .value();
  }

  core::SystemClock clock_;
  support::TemporaryDirectory directory_;
  std::unique_ptr<support::TestDatabase> database_;
};

TEST_F(BackendTest, Aud2AServerThatWasKilledGoesOnWithItsLogsAtOnce) {
  ASSERT_EQ(waiting(), 1);
  serve(here());
  EXPECT_EQ(waiting(), 0);
}

TEST_F(BackendTest, Aud2OneOnACopyOfItsDirectoryIsKeptOutLikeAnybodyElse) {
  const auto copy = directory_.path() / "copy";
  fs::copy(here(), copy, fs::copy_options::recursive);
  ::chmod(copy.c_str(), 0700);
  ::chmod((copy / "keys" / "kms.key").c_str(), 0600);
  serve(copy);
  EXPECT_EQ(waiting(), 1);
}

}  // namespace
}  // namespace wardline::app
