#include "server/storage/schema/dialect.h"

#include <gtest/gtest.h>

namespace wardline::storage {
namespace {

TEST(Dialect, TypesBecomeThoseOfTheEngine) {
  constexpr std::string_view kTable =
      "CREATE TABLE t (\n  id BIGINT PRIMARY KEY, ok BOOLEAN, ratio DOUBLE  PRECISION, name TEXT, body "
      "BYTES\n);";
  EXPECT_EQ(
      translate_schema(kTable, Dialect::sqlite),
      "CREATE TABLE t (\n  id INTEGER PRIMARY KEY, ok INTEGER, ratio REAL, name TEXT, body BLOB\n) STRICT;");
  EXPECT_EQ(translate_schema(kTable, Dialect::postgres),
            "CREATE TABLE t (\n  id BIGINT PRIMARY KEY, ok BOOLEAN, ratio DOUBLE  PRECISION, name TEXT "
            "COLLATE \"C\", body BYTEA\n);");
}

TEST(Dialect, TablesWithoutRowidAreStrictAsWell) {
  constexpr std::string_view kTable = "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID;";
  EXPECT_EQ(translate_schema(kTable, Dialect::sqlite),
            "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;");
  EXPECT_EQ(translate_schema(kTable, Dialect::postgres),
            "CREATE TABLE t (a TEXT COLLATE \"C\" PRIMARY KEY) ;");
}

TEST(Dialect, OnlyTablesBecomeStrict) {
  EXPECT_EQ(translate_schema("CREATE INDEX i ON t (a); CREATE TABLE u (a BIGINT); INSERT INTO u VALUES (1);",
                             Dialect::sqlite),
            "CREATE INDEX i ON t (a); CREATE TABLE u (a INTEGER) STRICT; INSERT INTO u VALUES (1);");
}

TEST(Dialect, QuotedTextsStayAndCommentsGo) {
  EXPECT_EQ(translate_schema("-- it's BYTES;\nINSERT INTO t VALUES ('BYTES; TEXT', \"BIGINT\"); -- 'x\n",
                             Dialect::sqlite),
            "\nINSERT INTO t VALUES ('BYTES; TEXT', \"BIGINT\"); \n");
}

TEST(Dialect, EachEngineGetsItsOwnParts) {
  constexpr std::string_view kScript = "A;\n--@sqlite\nB;\n--@postgres\nC;\n--@both\nD;\n";
  EXPECT_EQ(translate_schema(kScript, Dialect::sqlite), "A;\nB;\nD;\n");
  EXPECT_EQ(translate_schema(kScript, Dialect::postgres), "A;\nC;\nD;\n");
}

TEST(Dialect, NamesThatContainATypeAreLeftAlone) {
  EXPECT_EQ(translate_schema("SELECT BYTES_SENT, TEXTS, bytes FROM t", Dialect::postgres),
            "SELECT BYTES_SENT, TEXTS, bytes FROM t");
}

}  // namespace
}  // namespace wardline::storage
