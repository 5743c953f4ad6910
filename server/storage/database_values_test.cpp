// What goes into statements and comes out of rows means the same on every engine.
#include <gtest/gtest.h>

#include "server/storage/database_contract_test.h"

namespace wardline::storage {
namespace {

class DatabaseValues : public DatabaseContract {};
WARDLINE_ON_EACH_ENGINE(DatabaseValues);

TEST_P(DatabaseValues, EveryTypeComesBackAsItWentIn) {
  const auto owner = core::new_id<core::UserId>();
  Bytes body(300);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::uint8_t>(i);
  const core::Time time{1'700'000'000'123'456};
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, ok, ratio, name, body, owner) VALUES ($1, $2, $3, $4, $5, $6)", time,
               true, 0.1, "Zoë 你好 '$1'", body, owner);
    const Rows rows =
        tx.query("SELECT id, ok, ratio, name, body, owner FROM things WHERE owner = $1 AND ok", owner);
    EXPECT_EQ(rows.size(), 1u);
    const Row row = rows.front();
    EXPECT_EQ(row.get<core::Time>(0), time);
    EXPECT_EQ(row.get<std::int64_t>(0), time.microseconds);
    EXPECT_TRUE(row.get<bool>(1));
    EXPECT_EQ(row.get<double>(2), 0.1);
    EXPECT_EQ(row.get<std::string>(3), "Zoë 你好 '$1'");
    EXPECT_EQ(row.get<Bytes>(4), body);
    EXPECT_EQ(row.get<core::UserId>(5), owner);
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_P(DatabaseValues, ExtremesAndEmptyValuesAreNotNull) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, name, body) VALUES ($1, $2, $3)", kMin, "", Bytes());
    tx.execute("INSERT INTO things (id, name, body) VALUES ($1, $2, $3)",
               std::numeric_limits<std::int64_t>::max(), std::string_view(), ByteView());
    return {};
  });
  EXPECT_FALSE(done) << "two empty names are equal";
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, ratio, name, body) VALUES ($1, $2, $3, $4)", kMin, -1e300, "",
               ByteView());
    return {};
  }));
  const auto read = db().read([&](ReadTransaction& tx) -> core::Result<void> {
    const Rows rows = tx.query("SELECT id, ratio, name, body FROM things");
    const Row row = rows.front();
    EXPECT_EQ(row.get<std::int64_t>(0), kMin);
    EXPECT_EQ(row.get<double>(1), -1e300);
    EXPECT_EQ(row.get<std::optional<std::string>>(2), "");
    EXPECT_EQ(row.get<std::optional<Bytes>>(3), Bytes());
    return {};
  });
  EXPECT_TRUE(read);
}

TEST_P(DatabaseValues, NothingIsNullOfAnyType) {
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute("INSERT INTO things (id, ok, ratio, name, body, owner) VALUES ($1, $2, $3, $4, $5, $6)", 1,
               std::optional<bool>(), std::optional<double>(), std::optional<std::string>(), nullptr,
               std::optional<core::UserId>());
    const Rows rows =
        tx.query("SELECT ok, ratio, name, body, owner FROM things WHERE owner IS NOT DISTINCT FROM $1",
                 std::optional<core::UserId>());
    const Row row = rows.front();
    EXPECT_EQ(row.get<std::optional<bool>>(0), std::nullopt);
    EXPECT_EQ(row.get<std::optional<double>>(1), std::nullopt);
    EXPECT_EQ(row.get<std::optional<std::string>>(2), std::nullopt);
    EXPECT_EQ(row.get<std::optional<Bytes>>(3), std::nullopt);
    EXPECT_TRUE(row.is_null(4));
    // A filter that may be absent, in the one way that both engines understand.
    const auto filtered =
        tx.query("SELECT id FROM things WHERE ($1 IS NULL OR name = $1)", std::optional<std::string>());
    EXPECT_EQ(filtered.size(), 1u);
    return {};
  });
  EXPECT_TRUE(done) << done.error().code;
}

TEST_P(DatabaseValues, ParametersAreFoundByNumberInAnyOrder) {
  const auto sum = db().read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
    return *tx.query_value<std::int64_t>("SELECT $3 * 100 + $1 * 10 + $2 + $1 - $1", 1, 2, 3);
  });
  EXPECT_EQ(sum, 312);
}

TEST_P(DatabaseValues, AReadOfTheWrongTypeIsAnErrorAndNotAValue) {
  ASSERT_TRUE(put(1, "one"));
  const auto wrong = [&](auto read) {
    const auto done = db().read([&](ReadTransaction& tx) -> core::Result<void> {
      const Rows rows = tx.query("SELECT id, name, body FROM things");
      read(rows);
      return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "storage-internal");
  };
  wrong([](const Rows& rows) { rows.front().get<std::string>(0); });
  wrong([](const Rows& rows) { rows.front().get<std::int64_t>(1); });
  wrong([](const Rows& rows) { rows.front().get<Bytes>(1); });
  wrong([](const Rows& rows) { rows.front().get<Bytes>(2); });  // NULL
  wrong([](const Rows& rows) { rows.front().get<Bytes>(3); });
  wrong([](const Rows& rows) { rows[1].get<std::int64_t>(0); });
}

TEST_P(DatabaseValues, AWrongNumberOfParametersIsABugAndIsNotTriedAgain) {
  int runs = 0;
  const auto wrong = db().read([&](ReadTransaction& tx) -> core::Result<void> {
    ++runs;
    tx.query("SELECT id FROM things WHERE id = $1", 1, 2);
    return {};
  });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "storage-internal");
  EXPECT_EQ(runs, 1);
}

TEST_P(DatabaseValues, TextThatIsNotUtf8OrHoldsNulIsRefused) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff"), std::string("\xc0\xaf"),
                                 std::string("\xed\xa0\x80"), std::string("\xe4\xbd")}) {
    const auto put_bad = put(1, bad);
    ASSERT_FALSE(put_bad);
    EXPECT_EQ(put_bad.error().code, "invalid-text");
  }
  EXPECT_TRUE(put(1, "\xf0\x9f\x91\xa9\xe2\x80\x8d\xe2\x9a\x95"));
}

TEST_P(DatabaseValues, ManyRowsGoAndComeInOneCall) {
  std::vector<ParameterRow> rows;
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("name " + std::to_string(i));
  for (int i = 0; i < 2000; ++i) {
    if (i % 2 == 0)
      rows.push_back({i, names[static_cast<std::size_t>(i)]});
    else
      rows.push_back({i, nullptr});
  }
  ASSERT_TRUE(db().write([&](Transaction& tx) -> core::Result<void> {
    const auto changed = tx.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", rows);
    EXPECT_EQ(changed, std::vector<std::int64_t>(2000, 1));
    return {};
  }));
  EXPECT_EQ(count_things(), 2000);
  ASSERT_TRUE(db().read([&](ReadTransaction& tx) -> core::Result<void> {
    const std::vector<ParameterRow> wanted{{6}, {4711}, {4}, {1999}};
    const Rows found = tx.query_many("SELECT id, name FROM things WHERE id = $1", wanted);
    EXPECT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].get<int>(0), 6);
    EXPECT_EQ(found[1].get<std::string>(1), "name 4");
    EXPECT_TRUE(found[2].is_null(1));
    return {};
  }));
}

TEST_P(DatabaseValues, OneBadRowAmongManyFailsThemAll) {
  const std::vector<ParameterRow> rows{{1, "a"}, {2, "a"}, {3, "c"}};
  const auto done = db().write([&](Transaction& tx) -> core::Result<void> {
    tx.execute_many("INSERT INTO things (id, name) VALUES ($1, $2)", rows);
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "already-exists");
  EXPECT_EQ(count_things(), 0);
  EXPECT_TRUE(put(1, "the connection still works"));
}

// AUD-3: what a user wrote reaches neither the error nor the log.
TEST_P(DatabaseValues, NeitherErrorsNorLogContainParameters) {
  ASSERT_TRUE(put(1, "Erika Mustermann"));
  testing::internal::CaptureStderr();
  const auto taken = put(2, "Erika Mustermann");
  const auto mistyped = db().read([](ReadTransaction& tx) -> core::Result<void> {
    tx.query("SELECT id FROM things WHERE id = CAST($1 AS BIGINT) AND nowhere = $1", "Erika Mustermann");
    return {};
  });
  const std::string log = testing::internal::GetCapturedStderr();
  ASSERT_FALSE(taken);
  ASSERT_FALSE(mistyped);
  EXPECT_NE(log.find("storage-failure"), std::string::npos) << "the mistyped statement is reported";
  EXPECT_EQ(log.find("Mustermann"), std::string::npos) << log;
  EXPECT_EQ(taken.error().detail.find("Mustermann"), std::string::npos);
}

}  // namespace
}  // namespace wardline::storage
