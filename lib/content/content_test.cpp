#include "lib/content/content.h"

#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/content/canonical_json.h"

namespace wardline::content {
namespace {

namespace json = boost::json;

json::array vectors() {
  std::ifstream file(WARDLINE_SOURCE_DIR "/lib/content/vectors/content.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_array();
}

Bytes bytes_of(const json::object& vector) {
  if (const auto* hex = vector.if_contains("hex")) return from_hex(hex->as_string()).value();
  return to_bytes(as_bytes(vector.at("bytes").as_string()));
}

std::optional<std::string> optional_text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value ? std::optional(std::string(value->as_string())) : std::nullopt;
}

std::array<std::uint8_t, 32> bytes_32(const json::value& value) {
  std::array<std::uint8_t, 32> bytes{};
  std::ranges::copy(from_base64url(value.as_string()).value(), bytes.begin());
  return bytes;
}

std::vector<Attachment> attachments_of(const json::object& object) {
  std::vector<Attachment> attachments;
  const auto* array = object.if_contains("attachments");
  if (!array) return attachments;
  for (const auto& each : array->as_array())
    attachments.push_back({.id = std::string(each.at("id").as_string()),
                           .name = std::string(each.at("name").as_string()),
                           .type = std::string(each.at("type").as_string()),
                           .size = each.at("size").to_number<std::int64_t>(),
                           .key = bytes_32(each.at("key")),
                           .sha256 = bytes_32(each.at("sha256"))});
  return attachments;
}

Content content_of(const json::object& object) {
  const std::string kind(object.at("kind").as_string());
  return {.kind = kind == "text"    ? Kind::text
                  : kind == "title" ? Kind::title
                                    : Kind::receipt_note,
          .text = std::string(object.at("text").as_string()),
          .title = optional_text(object, "title"),
          .patient_id = optional_text(object, "patient_id"),
          .reply_to = optional_text(object, "reply_to"),
          .attachments = attachments_of(object),
          .device_log = optional_text(object, "device_log"),
          .sent_at = object.at("sent_at").to_number<std::int64_t>()};
}

TEST(Content, IsReadAndRefusedToTheLetterOfTheVectorsThatBrowsersShare) {
  std::size_t count = 0;
  for (const auto& each : vectors()) {
    const auto& vector = each.as_object();
    SCOPED_TRACE(std::string(vector.at("name").as_string()));
    const auto decoded = decode(bytes_of(vector));
    if (const auto* expected = vector.if_contains("content")) {
      ASSERT_TRUE(decoded);
      EXPECT_EQ(*decoded, content_of(expected->as_object()));
      EXPECT_EQ(encode(*decoded), bytes_of(vector));
    } else {
      ASSERT_FALSE(decoded);
      EXPECT_EQ(decoded.error() == Error::newer_version ? "newer-version" : "malformed",
                std::string(vector.at("error").as_string()));
    }
    ++count;
  }
  EXPECT_GT(count, 70U);
}

TEST(Content, ThatNobodyCouldReadIsNotWritten) {
  EXPECT_FALSE(encode({.text = "\xff"}));
  EXPECT_FALSE(encode({.text = "a", .patient_id = "Rosa"}));
  EXPECT_FALSE(encode({.text = "a", .reply_to = ""}));
  EXPECT_FALSE(encode({.text = "a", .title = std::string(kMostTitleBytes + 1, 'a')}));
  EXPECT_FALSE(encode({.text = "a", .sent_at = -1}));
  EXPECT_FALSE(encode({.text = "a", .sent_at = kMostInteger + 1}));
}

TEST(Content, Msg4FilesHaveNamesThatCannotMislead) {
  const Attachment file{
      .id = "0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b", .name = "a", .type = "image/png", .size = 1};
  const auto is_taken = [&](std::string_view name) {
    Attachment named = file;
    named.name = name_for(name);
    return encode({.text = "", .attachments = {named}}).has_value();
  };
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "ä";
  for (const std::string& name :
       {std::string("ct.pdf"), std::string(), std::string(".."), std::string("a/b\\c"),
        std::string("\xe2\x80\xaegpj.exe"), std::string("\xff"), longest + ".jpeg", std::string("a\0b", 3)})
    EXPECT_TRUE(is_taken(name)) << name_for(name);
  EXPECT_EQ(name_for("a/b"), "a_b");
  EXPECT_EQ(name_for("\xe2\x80\xaegpj.exe"), "_gpj.exe");
  EXPECT_TRUE(name_for(longest + ".jpeg").ends_with("ä.jpeg"));
  EXPECT_FALSE(encode({.text = "", .attachments = std::vector<Attachment>(2, file)})) << "each file once";
}

TEST(Content, IsBoundedBothWays) {
  const auto least = encode({.text = ""});
  ASSERT_TRUE(least);
  const Content most{.text = std::string(kMostBytes - least->size(), 'a')};
  const auto encoded = encode(most);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->size(), kMostBytes);
  EXPECT_EQ(decode(*encoded), most);
  EXPECT_FALSE(encode({.text = most.text + 'a'}));
  Bytes longer = *encoded;
  longer.insert(longer.end() - 8, 'a');
  EXPECT_FALSE(decode(longer));
}

TEST(Content, HasOneWayToBeWritten) {
  const auto encoded = encode({.kind = Kind::title, .text = "ü\n", .title = "ü", .sent_at = 12});
  ASSERT_TRUE(encoded);
  for (std::size_t at = 0; at < encoded->size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      Bytes changed = *encoded;
      changed[at] = static_cast<std::uint8_t>(byte);
      const auto decoded = decode(changed);
      if (decoded) {
        EXPECT_EQ(encode(*decoded), changed);
      }
    }
  }
}

TEST(CanonicalJson, RefusesDepthWithoutGoingThere) {
  EXPECT_FALSE(from_canonical_json(as_bytes(std::string(100000, '['))));
  Value deep = Array{};
  for (std::size_t i = 1; i < kMostDepth; ++i) deep = Array{deep};
  EXPECT_TRUE(to_canonical_json(deep));
  EXPECT_FALSE(to_canonical_json(Array{deep}));
}

}  // namespace
}  // namespace wardline::content
