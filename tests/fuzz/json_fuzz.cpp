// Request bodies: what the strict JSON parser accepts comes back the same, and the reader of fields keeps to
// the limits that it was given.
#include <boost/json/serialize.hpp>

#include "server/http/json_parse.h"
#include "server/http/json_reader.h"
#include "server/net/utf8.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using http::JsonReader;

using UserId = core::Id<struct FuzzTag>;

bool is_clean(std::string_view text) {
  return net::is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
         });
}

/// Numbers that no call takes, and that Boost.JSON reads only nearly as they were written.
bool has_fraction(const boost::json::value& value) {
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_fraction);
  if (const auto* object = value.if_object())
    return std::ranges::any_of(*object, [](const auto& member) { return has_fraction(member.value()); });
  return value.is_double();
}

/// Every getter, by a fixed shape: what it gives is in bounds once `finish` is content.
void read_fields(std::string_view body) {
  JsonReader reader(body);
  const auto text = reader.text("text", {.least = 1, .most = 20});
  const auto note = reader.optional_text("note", {.least = 0, .most = 8});
  const auto number = reader.integer("number", -5, 5);
  const auto flag = reader.optional_boolean("flag");
  const auto binary = reader.optional_binary("binary", {.least = 2, .most = 8});
  const auto ids = reader.has("ids") ? reader.ids<UserId>("ids", 3) : std::vector<UserId>();
  const auto words =
      reader.has("words") ? reader.texts("words", {.least = 1, .most = 5}, 3) : std::vector<std::string>();
  const auto choice = reader.optional_choice<int>("choice", {{"one", 1}, {"two", 2}});
  const auto secret = reader.has("secret") ? reader.secret("secret", {.least = 1, .most = 9}) : SecretBytes();
  std::vector<std::string> inner;
  if (auto object = reader.optional_object("object"))
    inner.push_back(object->text("name", {.least = 1, .most = 6}));
  if (reader.has("objects")) {
    for (auto& each : reader.objects("objects", 3))
      inner.push_back(each.text("name", {.least = 1, .most = 6}));
  }
  if (const auto done = reader.finish(); !done) {
    FUZZ_CHECK(done.error().code == "invalid-json" || done.error().code == "invalid-field",
               "a refusal says which kind it is");
    return;
  }
  FUZZ_CHECK(!text.empty() && text.size() <= 20 && is_clean(text), "text is as long as it may be, and clean");
  FUZZ_CHECK(!note || (note->size() <= 8 && is_clean(*note)),
             "optional text is as long as it may be, and clean");
  FUZZ_CHECK(number >= -5 && number <= 5, "a number is in its range");
  FUZZ_CHECK(!binary || (binary->size() >= 2 && binary->size() <= 8), "binary is as long as it may be");
  FUZZ_CHECK(ids.size() <= 3 && words.size() <= 3 && inner.size() <= 4, "lists are as long as they may be");
  FUZZ_CHECK(std::ranges::all_of(
                 inner, [](const auto& each) { return !each.empty() && each.size() <= 6 && is_clean(each); }),
             "text of nested objects is as long as it may be, and clean");
  FUZZ_CHECK(!choice || *choice == 1 || *choice == 2, "a choice is one of its words");
  FUZZ_CHECK(secret.size() <= 9, "a secret is as long as it may be");
  static_cast<void>(flag);
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  const std::string text = as_text(ByteView(data, size));
  if (const auto value = http::parse_json(text); value && !fuzz::has_fraction(*value)) {
    const std::string written = boost::json::serialize(*value);
    const auto again = http::parse_json(written);
    FUZZ_CHECK(again.has_value() && boost::json::serialize(*again) == written, "a value comes back");
  }
  fuzz::read_fields(text);
  return 0;
}
