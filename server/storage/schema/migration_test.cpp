#include "server/storage/schema/migration.h"

#include <thread>

#include <gtest/gtest.h>

#include "server/storage/migrations.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

constexpr Migration kFirst{9001, "first", "CREATE TABLE first (id BIGINT PRIMARY KEY, body BYTES);"};
constexpr Migration kSecond{
    9002, "second", "ALTER TABLE first ADD COLUMN name TEXT; INSERT INTO first (id, name) VALUES (1, 'x');"};
constexpr Migration kBroken{9003, "broken",
                            "CREATE TABLE third (id BIGINT PRIMARY KEY); INSERT INTO nowhere VALUES (1);"};

class MigrationTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (!IsSkipped()) made_ = std::make_unique<support::TestDatabase>(GetParam());
  }
  core::Result<int> run(std::vector<Migration> migrations) {
    return migrate(**made_, std::move(migrations), clock_);
  }
  core::Result<std::int64_t> count(Sql sql) {
    return (*made_)->read([&](ReadTransaction& tx) -> core::Result<std::int64_t> {
      return *tx.query_value<std::int64_t>(sql);
    });
  }
  core::SystemClock clock_;
  std::unique_ptr<support::TestDatabase> made_;
};
WARDLINE_ON_EACH_ENGINE(MigrationTest);

TEST_P(MigrationTest, EachIsAppliedOnceInTheOrderOfItsNumber) {
  EXPECT_EQ(run({kSecond, kFirst}), 2);
  EXPECT_EQ(run({kFirst, kSecond}), 0);
  EXPECT_EQ(count("SELECT count(*) FROM first WHERE name = 'x'"), 1);
}

TEST_P(MigrationTest, ALaterVersionAddsToAnEarlierOne) {
  EXPECT_EQ(run({kFirst}), 1);
  made_->close();
  made_->open();
  EXPECT_EQ(run({kFirst, kSecond}), 1);
}

TEST_P(MigrationTest, AModuleMayComeLaterWithALowerNumber) {
  EXPECT_EQ(run({kFirst}), 1);
  constexpr Migration kLower{8000, "lower", "CREATE TABLE lower_number (id BIGINT PRIMARY KEY);"};
  EXPECT_EQ(run({kFirst, kLower}), 1);
}

TEST_P(MigrationTest, ADatabaseOfANewerVersionIsRefused) {
  ASSERT_TRUE(run({kFirst, kSecond}));
  const auto refused = run({kFirst});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "schema-newer");
  EXPECT_EQ(refused.error().facts.front().second, 9002);
}

TEST_P(MigrationTest, AnAppliedMigrationMustNotChange) {
  ASSERT_TRUE(run({kFirst}));
  const auto refused = run({{9001, "first", "CREATE TABLE other (id BIGINT PRIMARY KEY);"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "schema-altered");
}

TEST_P(MigrationTest, TwoWithOneNumberAreRefused) {
  const auto refused = run({kFirst, {9001, "again", "SELECT 1;"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "schema-invalid");
}

// A migration that fails half-way leaves nothing behind, and what went before stays.
TEST_P(MigrationTest, AFailedMigrationIsUndoneAsAWhole) {
  const auto failed = run({kFirst, kSecond, kBroken});
  ASSERT_FALSE(failed);
  EXPECT_EQ(count("SELECT count(*) FROM schema_migrations"), 2);
  EXPECT_FALSE(count("SELECT count(*) FROM third"));
  constexpr Migration kRepaired{9003, "repaired", "CREATE TABLE third (id BIGINT PRIMARY KEY);"};
  EXPECT_EQ(run({kFirst, kSecond, kRepaired}), 1);
}

TEST_P(MigrationTest, NodesThatStartTogetherApplyEachOnce) {
  std::vector<Migration> many;
  std::vector<std::string> texts;
  for (int i = 0; i < 8; ++i)
    texts.push_back("CREATE TABLE t" + std::to_string(i) + " (id BIGINT PRIMARY KEY);");
  for (int i = 0; i < 8; ++i) many.push_back({9100 + i, "many", texts[static_cast<std::size_t>(i)]});
  std::atomic<int> applied = 0;
  std::vector<std::thread> nodes;
  for (int i = 0; i < 3; ++i) {
    nodes.emplace_back([&] {
      auto database = Database::open(made_->config());
      ASSERT_TRUE(database);
      const auto count = migrate(**database, many, clock_);
      ASSERT_TRUE(count) << count.error().detail;
      applied += *count;
    });
  }
  for (auto& node : nodes) node.join();
  EXPECT_EQ(applied, 8);
}

TEST_P(MigrationTest, OurOwnAreCompiledIn) {
  ASSERT_FALSE(migrations().empty());
  EXPECT_EQ(migrations().front().number, 1);
  EXPECT_EQ(migrations().front().title, "data_keys");
  EXPECT_EQ(run(gather({migrations()})), static_cast<int>(migrations().size()));
  EXPECT_EQ(count("SELECT count(*) FROM data_keys"), 0);
}

}  // namespace
}  // namespace wardline::storage
