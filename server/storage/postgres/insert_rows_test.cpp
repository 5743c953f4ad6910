#include "server/storage/postgres/insert_rows.h"

#include <gtest/gtest.h>

namespace wardline::storage {
namespace {

TEST(InsertRows, ParametersGoOnFromRowToRow) {
  EXPECT_EQ(insert_of_rows("INSERT INTO t (a, b) VALUES ($2, $1)", 3),
            "INSERT INTO t (a, b) VALUES ($2, $1), ($4, $3), ($6, $5)");
  EXPECT_EQ(insert_of_rows("INSERT INTO t (a) VALUES ($1)", 1), "INSERT INTO t (a) VALUES ($1)");
  EXPECT_TRUE(insert_of_rows("INSERT INTO t (a) VALUES ($1)", 100).ends_with(", ($99), ($100)"));
}

TEST(InsertRows, OnlyPlainRowsAreTakenTogether) {
  EXPECT_TRUE(inserts_one_row("INSERT INTO t (a, b) VALUES ($1, $2)"));
  EXPECT_FALSE(inserts_one_row("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING"));
  EXPECT_FALSE(inserts_one_row("INSERT INTO t (a) VALUES ($1) RETURNING a"));
  EXPECT_FALSE(inserts_one_row("INSERT INTO t (a) VALUES (lower($1))"));
  EXPECT_FALSE(inserts_one_row("INSERT INTO t (a, b) VALUES ($1, '$2')"));
  EXPECT_FALSE(inserts_one_row("INSERT INTO t (a) SELECT $1"));
  EXPECT_FALSE(inserts_one_row("UPDATE t SET a = $1"));
}

}  // namespace
}  // namespace wardline::storage
