#include "server/http/json_reader.h"

#include <gtest/gtest.h>

namespace wardline::http {
namespace {

using core::UserId;

// What `finish` says of a body that is read as {name: text up to 5 bytes, count: 0..9, note?: text}.
std::string refusal(std::string_view body) {
  JsonReader reader(body);
  reader.text("name", {.least = 1, .most = 5});
  reader.integer("count", 0, 9);
  reader.optional_text("note");
  const auto read = reader.finish();
  return read ? "" : std::string(read.error().code) + ": " + read.error().detail;
}

TEST(JsonReader, ReadsWhatFitsTheShape) {
  JsonReader reader(
      R"({"name":"Ana","count":7,"when":-5,"on":true,"id":"018f3c5e-0000-7000-8000-0000000000ab",
      "key":"AAEC","kind":"b","inner":{"x":1},"list":[{"x":1},{"x":2}],"tags":["a","b"],"keys":["AA","AQ"]})");
  EXPECT_EQ(reader.text("name"), "Ana");
  EXPECT_EQ(reader.integer("count"), 7);
  EXPECT_EQ(reader.optional_integer("when", -9, 9), -5);
  EXPECT_TRUE(reader.boolean("on"));
  EXPECT_EQ(reader.id<UserId>("id").to_string(), "018f3c5e-0000-7000-8000-0000000000ab");
  EXPECT_EQ(reader.binary("key", {.most = 3}), (Bytes{0, 1, 2}));
  EXPECT_EQ(reader.choice<int>("kind", {{"a", 1}, {"b", 2}}), 2);
  EXPECT_EQ(reader.object("inner").integer("x"), 1);
  auto list = reader.objects("list", 2);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].integer("x") + list[1].integer("x"), 3);
  EXPECT_EQ(reader.texts("tags", {.most = 9}, 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reader.binaries("keys", {.most = 1}, 2), (std::vector<Bytes>{{0}, {1}}));
  EXPECT_FALSE(reader.optional_object("absent"));
  EXPECT_FALSE(reader.optional_id<UserId>("absent_id"));
  const auto read = reader.finish();
  EXPECT_TRUE(read) << read.error().detail;
}

TEST(JsonReader, NamesTheFieldAndTheRuleButNeverTheValue) {
  EXPECT_EQ(refusal(R"({"name":"Ana","count":1})"), "");
  EXPECT_EQ(refusal(R"({"count":1})"), "invalid-field: The field 'name' is missing.");
  EXPECT_EQ(refusal(R"({"name":7,"count":1})"), "invalid-field: The field 'name' must be a text.");
  EXPECT_EQ(refusal(R"({"name":null,"count":1})"), "invalid-field: The field 'name' must be a text.");
  EXPECT_EQ(refusal(R"({"name":"SECRET","count":1})"),
            "invalid-field: The field 'name' must be 1 to 5 bytes long.");
  EXPECT_EQ(refusal(R"({"name":"","count":1})"),
            "invalid-field: The field 'name' must be 1 to 5 bytes long.");
  EXPECT_EQ(refusal(R"({"name":"a\u0000b","count":1})"),
            "invalid-field: The field 'name' holds control characters.");
  for (const char* count : {"10", "-1", "1.0", "1e0", "\"1\"", "true", "18446744073709551615", "1e400"})
    EXPECT_EQ(refusal(std::string(R"({"name":"Ana","count":)") + count + "}"),
              "invalid-field: The field 'count' must be a whole number from 0 to 9.")
        << count;
}

TEST(JsonReader, RefusesUnknownFieldsWithoutRepeatingThem) {
  EXPECT_EQ(refusal(R"({"name":"Ana","count":1,"SECRET":1})"),
            "invalid-field: The body has a field that this call does not know.");
  JsonReader reader(R"({"list":[{"x":1},{"x":1,"SECRET":2}]})");
  for (auto& item : reader.objects("list", 9)) item.integer("x");
  EXPECT_EQ(reader.finish().error().detail, "'list[1]' has a field that this call does not know.");
}

TEST(JsonReader, RefusesDuplicateFieldsAtEveryDepth) {
  EXPECT_EQ(refusal(R"({"name":"Ana","name":"Eva","count":1})"),
            "invalid-json: The body names a field twice.");
  EXPECT_EQ(refusal(R"({"name":[{"a":1,"\u0061":2}],"count":1})"),
            "invalid-json: The body names a field twice.");
}

TEST(JsonReader, RefusesWhatIsNoJsonObject) {
  for (const std::string body :
       {"", "{", "[]", "7", "null", "{\"name\":\"Ana\",\"count\":1} x", "{'name':'Ana'}",
        "{\"name\":\"Ana\",}", "{\"name\":\"\xc3\x28\",\"count\":1}", "{\"name\":\"\\ud800\",\"count\":1}",
        "{\"count\":01}", "{\"count\":NaN}", "/**/{}"})
    EXPECT_TRUE(refusal(body).starts_with("invalid-json: ")) << body;
  EXPECT_TRUE(refusal(std::string(100'000, '[')).starts_with("invalid-json: "));
  EXPECT_TRUE(refusal("{\"name\":" + std::string(17, '[') + std::string(17, ']') + "}")
                  .starts_with("invalid-json: "));
}

TEST(JsonReader, BinaryFieldsAreCanonicalBase64Url) {
  for (const char* bad : {"AA==", "A", "AB", "A+", "A/", "AA AA", "AAA="}) {
    JsonReader reader(std::string(R"({"key":")") + bad + "\"}");
    reader.binary("key", {.most = 100});
    const auto read = reader.finish();
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().detail, "The field 'key' must be base64url without padding.");
  }
}

TEST(JsonReader, ListsOfIdsAreBoundedAndHaveNoDuplicates) {
  const auto refused = [](std::string_view body) {
    JsonReader reader(body);
    reader.ids<UserId>("users", 2);
    const auto read = reader.finish();
    return read ? std::string() : read.error().detail;
  };
  const std::string a = "\"018f3c5e-0000-7000-8000-0000000000aa\"";
  const std::string b = "\"018f3c5e-0000-7000-8000-0000000000bb\"";
  EXPECT_EQ(refused("{\"users\":[" + a + "," + b + "]}"), "");
  EXPECT_EQ(refused("{\"users\":[" + a + "," + a + "]}"), "The field 'users' names an id twice.");
  EXPECT_EQ(refused("{\"users\":[" + a + "," + b + "," + a + "]}"),
            "The field 'users' must have at most 2 items.");
  EXPECT_EQ(refused("{\"users\":[\"x\"]}"), "The field 'users' must be a list of UUIDs.");
  EXPECT_EQ(refused("{\"users\":{}}"), "The field 'users' must be a list.");
}

TEST(JsonReader, AMissingNestedObjectIsReportedOnceAndItsFieldsReadAsEmpty) {
  JsonReader reader("{}");
  JsonReader inner = reader.object("inner");
  EXPECT_EQ(inner.integer("x"), 0);
  EXPECT_EQ(inner.text("y"), "");
  EXPECT_EQ(reader.finish().error().detail, "The field 'inner' is missing.");
}

}  // namespace
}  // namespace wardline::http
