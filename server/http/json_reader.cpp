#include "server/http/json_reader.h"

#include <algorithm>
#include <list>
#include <set>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "server/http/json_parse.h"

namespace wardline::http {

namespace json = boost::json;
using core::ErrorKind;

struct JsonReader::Level {
  const json::object* object = nullptr;  ///< Nothing where there is none: every field then counts as missing.
  std::string path;                      ///< "patient." for the fields of `patient`.
  std::vector<std::string_view> asked_for;
};

struct JsonReader::Document {
  std::array<unsigned char, 4096> first_memory;  ///< Enough for a frame with a message: no more is allocated.
  json::monotonic_resource memory{first_memory.data(), first_memory.size()};
  json::value root = json::value(json::storage_ptr(&memory));
  std::optional<core::Error> error;  ///< The first one.
  std::list<Level> levels;
};

namespace {

// The field's value, or nothing. A null counts as absent only where the field may be.
const json::value* find(const json::object* object, std::string_view name) {
  return object ? object->if_contains(name) : nullptr;
}

bool fits(std::size_t size, Length length) { return size >= length.least && size <= length.most; }

std::string describe(Length length, std::string_view unit) {
  if (length.least == length.most) return fmt::format("must be exactly {} {} long", length.most, unit);
  return fmt::format("must be {} to {} {} long", length.least, length.most, unit);
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(
      text, [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
}

std::optional<std::int64_t> as_integer(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  return std::nullopt;  // Whatever is larger comes as uint64, and 1.0 as double.
}

}  // namespace

JsonReader::JsonReader(std::string_view body) : document_(std::make_shared_for_overwrite<Document>()) {
  level_ = &document_->levels.emplace_back();
  level_->asked_for.reserve(16);
  auto parsed = parse_json(body, &document_->memory);
  if (!parsed) {
    document_->error = std::move(parsed.error());
    return;
  }
  document_->root = std::move(*parsed);
  level_->object = document_->root.if_object();
  if (!level_->object)
    document_->error = core::Error{ErrorKind::invalid, "invalid-json", "The body must be a JSON object.", {}};
}

JsonReader::JsonReader(std::shared_ptr<Document> document, Level* level)
    : document_(std::move(document)), level_(level) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

void JsonReader::refuse(std::string_view name, std::string_view rule) {
  if (!document_->error)
    document_->error = core::Error{ErrorKind::invalid,
                                   "invalid-field",
                                   fmt::format("The field '{}{}' {}.", level_->path, name, rule),
                                   {}};
}

bool JsonReader::has(std::string_view name) const { return find(level_->object, name) != nullptr; }

std::optional<std::string_view> JsonReader::word(std::string_view name, bool required) {
  level_->asked_for.push_back(name);
  const auto* value = find(level_->object, name);
  if (!value) {
    if (required) refuse(name, "is missing");
    return std::nullopt;
  }
  if (const auto* text = value->if_string()) return std::string_view(*text);
  refuse(name, "must be a text");
  return std::nullopt;
}

std::optional<std::string> JsonReader::optional_text(std::string_view name, Length length) {
  const auto text = word(name, false);
  if (!text) return std::nullopt;
  if (!fits(text->size(), length)) return refuse(name, describe(length, "bytes")), std::nullopt;
  if (has_control_characters(*text)) return refuse(name, "holds control characters"), std::nullopt;
  return std::string(*text);
}

std::string JsonReader::text(std::string_view name, Length length) {
  if (!has(name)) word(name, true);
  return optional_text(name, length).value_or(std::string());
}

SecretBytes JsonReader::secret(std::string_view name, Length length) {
  const auto text = word(name, true);
  if (!text) return {};
  if (!fits(text->size(), length)) return refuse(name, describe(length, "bytes")), SecretBytes();
  return SecretBytes(as_bytes(*text));
}

std::optional<std::int64_t> JsonReader::optional_integer(std::string_view name, std::int64_t least,
                                                         std::int64_t most) {
  level_->asked_for.push_back(name);
  const auto* value = find(level_->object, name);
  if (!value) return std::nullopt;
  const auto number = as_integer(*value);
  if (number && *number >= least && *number <= most) return number;
  refuse(name, fmt::format("must be a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::int64_t JsonReader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  if (!has(name)) refuse(name, "is missing");
  return optional_integer(name, least, most).value_or(0);
}

std::optional<bool> JsonReader::optional_boolean(std::string_view name) {
  level_->asked_for.push_back(name);
  const auto* value = find(level_->object, name);
  if (!value) return std::nullopt;
  if (const auto* flag = value->if_bool()) return *flag;
  refuse(name, "must be true or false");
  return std::nullopt;
}

bool JsonReader::boolean(std::string_view name) {
  if (!has(name)) refuse(name, "is missing");
  return optional_boolean(name).value_or(false);
}

std::optional<Bytes> JsonReader::optional_binary(std::string_view name, Length length) {
  const auto text = word(name, false);
  if (!text) return std::nullopt;
  auto bytes = from_base64url(*text);
  if (!bytes) return refuse(name, "must be base64url without padding"), std::nullopt;
  if (!fits(bytes->size(), length)) return refuse(name, describe(length, "bytes")), std::nullopt;
  return bytes;
}

Bytes JsonReader::binary(std::string_view name, Length length) {
  if (!has(name)) word(name, true);
  return optional_binary(name, length).value_or(Bytes());
}

// The items of a list, which must all be texts.
std::vector<std::string_view> JsonReader::words(std::string_view name, std::size_t most) {
  level_->asked_for.push_back(name);
  const auto* value = find(level_->object, name);
  std::vector<std::string_view> items;
  if (!value) return refuse(name, "is missing"), items;
  const auto* array = value->if_array();
  if (!array) return refuse(name, "must be a list"), items;
  if (array->size() > most) return refuse(name, fmt::format("must have at most {} items", most)), items;
  for (const auto& item : *array) {
    const auto* text = item.if_string();
    if (!text) return refuse(name, "must be a list of texts"), std::vector<std::string_view>();
    items.emplace_back(*text);
  }
  return items;
}

std::vector<Bytes> JsonReader::binaries(std::string_view name, Length each, std::size_t most) {
  std::vector<Bytes> found;
  for (const auto item : words(name, most)) {
    auto bytes = from_base64url(item);
    if (!bytes) return refuse(name, "must be a list of base64url without padding"), std::vector<Bytes>();
    if (!fits(bytes->size(), each))
      return refuse(name, fmt::format("must hold items of {} to {} bytes", each.least, each.most)),
             std::vector<Bytes>();
    found.push_back(std::move(*bytes));
  }
  return found;
}

std::vector<std::string> JsonReader::texts(std::string_view name, Length each, std::size_t most) {
  std::vector<std::string> found;
  for (const auto item : words(name, most)) {
    if (!fits(item.size(), each) || has_control_characters(item))
      return refuse(name, fmt::format("must hold texts of {} to {} bytes", each.least, each.most)),
             std::vector<std::string>();
    found.emplace_back(item);
  }
  return found;
}

std::optional<std::array<std::uint8_t, 16>> JsonReader::uuid(std::string_view name, bool required) {
  const auto text = word(name, required);
  if (!text) return std::nullopt;
  const auto bytes = core::parse_uuid(*text);
  if (!bytes) refuse(name, "must be a UUID");
  return bytes;
}

std::vector<std::string> JsonReader::id_texts(std::string_view name, std::size_t most) {
  std::vector<std::string> found;
  std::set<core::Id<struct AnyTag>> seen;
  for (const auto item : words(name, most)) {
    const auto id = core::Id<struct AnyTag>::parse(item);
    if (!id) return refuse(name, "must be a list of UUIDs"), std::vector<std::string>();
    if (!seen.insert(*id).second) return refuse(name, "names an id twice"), std::vector<std::string>();
    found.emplace_back(item);
  }
  return found;
}

std::optional<JsonReader> JsonReader::optional_object(std::string_view name) {
  level_->asked_for.push_back(name);
  const auto* value = find(level_->object, name);
  if (!value) return std::nullopt;
  const auto* object = value->if_object();
  if (!object) return refuse(name, "must be an object"), std::nullopt;
  document_->levels.push_back({object, fmt::format("{}{}.", level_->path, name), {}});
  return JsonReader(document_, &document_->levels.back());
}

JsonReader JsonReader::object(std::string_view name) {
  if (!has(name)) refuse(name, "is missing");
  if (auto found = optional_object(name)) return std::move(*found);
  document_->levels.push_back({nullptr, fmt::format("{}{}.", level_->path, name), {}});
  return JsonReader(document_, &document_->levels.back());
}

std::vector<JsonReader> JsonReader::objects(std::string_view name, std::size_t most) {
  level_->asked_for.push_back(name);
  const auto* value = find(level_->object, name);
  std::vector<JsonReader> found;
  if (!value) return refuse(name, "is missing"), std::move(found);
  const auto* array = value->if_array();
  if (!array) return refuse(name, "must be a list"), std::move(found);
  if (array->size() > most)
    return refuse(name, fmt::format("must have at most {} items", most)), std::move(found);
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto* object = (*array)[i].if_object();
    if (!object) return refuse(name, "must be a list of objects"), std::move(found);
    document_->levels.push_back({object, fmt::format("{}{}[{}].", level_->path, name, i), {}});
    found.push_back(JsonReader(document_, &document_->levels.back()));
  }
  return found;
}

core::Result<void> JsonReader::finish() {
  for (const Level& level : document_->levels) {
    if (document_->error || !level.object) break;
    for (const auto& member : *level.object) {
      const std::string_view name = member.key();
      if (std::ranges::find(level.asked_for, name) != level.asked_for.end()) continue;
      // The name is the caller's own text: it is not repeated.
      const std::string where =
          level.path.empty() ? "The body" : fmt::format("'{}'", level.path.substr(0, level.path.size() - 1));
      document_->error = core::Error{
          ErrorKind::invalid, "invalid-field", where + " has a field that this call does not know.", {}};
      break;
    }
  }
  if (document_->error) return std::unexpected(*document_->error);
  return {};
}

}  // namespace wardline::http
