#include "client/net/json_call.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/bytes/text.h"

namespace wardline::client {

const json::value* Fields::find(std::string_view name) const {
  return object_ ? object_->if_contains(name) : nullptr;
}

const json::array& Fields::array(std::string_view name) const {
  static const json::array kNone;
  const auto* value = find(name);
  if (value && value->is_array()) return value->get_array();
  bad();
  return kNone;
}

bool Fields::has(std::string_view name) const {
  const auto* value = find(name);
  return value && !value->is_null();
}

std::string Fields::text(std::string_view name) const {
  const auto* value = find(name);
  if (value && value->is_string()) return std::string(value->get_string());
  bad();
  return {};
}

std::string Fields::id(std::string_view name) const {
  auto value = text(name);
  if (is_uuid(value)) return value;
  bad();
  return {};
}

std::uint64_t Fields::number(std::string_view name) const {
  const auto* value = find(name);
  if (value && value->is_uint64()) return value->get_uint64();
  if (value && value->is_int64() && value->get_int64() >= 0)
    return static_cast<std::uint64_t>(value->get_int64());
  bad();
  return 0;
}

bool Fields::truth(std::string_view name) const {
  const auto* value = find(name);
  if (value && value->is_bool()) return value->get_bool();
  bad();
  return false;
}

Bytes Fields::binary(std::string_view name) const {
  auto bytes = from_base64url(text(name));
  if (bytes) return std::move(*bytes);
  bad();
  return {};
}

Fields Fields::object(std::string_view name) const {
  const auto* value = find(name);
  if (value && value->is_object()) return {&value->get_object(), good_};
  bad();
  return {nullptr, good_};
}

std::vector<Fields> Fields::objects(std::string_view name) const {
  std::vector<Fields> all;
  for (const auto& each : array(name)) {
    if (!each.is_object()) bad();
    all.emplace_back(each.is_object() ? &each.get_object() : nullptr, good_);
  }
  return all;
}

std::vector<std::string> Fields::texts(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& each : array(name)) {
    if (!each.is_string()) bad();
    all.emplace_back(each.is_string() ? std::string(each.get_string()) : std::string());
  }
  return all;
}

std::vector<std::string> Fields::ids(std::string_view name) const {
  auto all = texts(name);
  for (const auto& each : all) {
    if (!is_uuid(each)) bad();
  }
  return all;
}

std::vector<Bytes> Fields::binaries(std::string_view name) const {
  std::vector<Bytes> all;
  for (const auto& each : texts(name)) {
    auto bytes = from_base64url(each);
    if (!bytes) bad();
    all.push_back(bytes ? std::move(*bytes) : Bytes());
  }
  return all;
}

std::size_t Fields::choice(std::string_view name, std::initializer_list<std::string_view> choices) const {
  const auto value = text(name);
  const auto* found = std::ranges::find(choices, std::string_view(value));
  if (found == choices.end()) bad();
  return found == choices.end() ? 0 : static_cast<std::size_t>(found - choices.begin());
}

std::optional<std::string> Fields::optional_text(std::string_view name) const {
  return has(name) ? std::optional(text(name)) : std::nullopt;
}
std::optional<std::string> Fields::optional_id(std::string_view name) const {
  return has(name) ? std::optional(id(name)) : std::nullopt;
}
std::optional<std::uint64_t> Fields::optional_number(std::string_view name) const {
  return has(name) ? std::optional(number(name)) : std::nullopt;
}

HttpError Answer::unreadable() {
  return {0, "unreadable-answer", "The server's answer is not what this program understands."};
}

std::expected<Answer, HttpError> Answer::parse(std::string_view text) {
  if (text.empty()) return Answer(json::object());
  boost::system::error_code failed;
  auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return std::unexpected(unreadable());
  return Answer(std::move(value.as_object()));
}

std::expected<Answer, HttpError> call(HttpsClient& https, std::string_view method, std::string_view path,
                                      const json::object* body) {
  const auto text = https.request(method, path, body ? json::serialize(*body) : std::string());
  if (!text) return std::unexpected(text.error());
  return Answer::parse(*text);
}

}  // namespace wardline::client
