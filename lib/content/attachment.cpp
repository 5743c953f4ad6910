#include "lib/content/attachment.h"

#include <algorithm>
#include <set>

#include "lib/bytes/text.h"
#include "lib/content/utf8.h"

namespace wardline::content {
namespace {

constexpr std::array<std::string_view, 6> kMembers = {"id", "key", "name", "sha256", "size", "type"};

// U+202A to U+202E and U+2066 to U+2069 in UTF-8: "exe.gpj" must not read "jpg.exe".
bool turns_direction(std::string_view rest) {
  if (rest.size() < 3 || rest[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(rest[1]);
  const auto third = static_cast<unsigned char>(rest[2]);
  return (second == 0x80 && third >= 0xaa && third <= 0xae) ||
         (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

bool misleads(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\'; }

bool is_name(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > kMostNameBytes) return false;
  for (std::size_t at = 0; at < name.size(); ++at)
    if (misleads(name[at]) || turns_direction(name.substr(at))) return false;
  return true;
}

// RFC 6838 §4.2, in lower case.
bool is_type_part(std::string_view part) {
  constexpr std::string_view kMarks = "!#$&^_.+-";
  const auto is_alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !part.empty() && is_alphanumeric(part.front()) && std::ranges::all_of(part, [&](char c) {
    return is_alphanumeric(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool is_type(std::string_view type) {
  const auto slash = type.find('/');
  return type.size() <= kMostTypeLength && slash != std::string_view::npos &&
         is_type_part(type.substr(0, slash)) && is_type_part(type.substr(slash + 1));
}

template <class T>
const T* find(const Object& object, std::string_view name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->second.as<T>();
}

bool read_bytes(const Object& object, std::string_view name, std::array<std::uint8_t, 32>& to) {
  const auto* text = find<std::string>(object, name);
  const auto bytes = text ? from_base64url(*text) : std::nullopt;
  if (!bytes || bytes->size() != to.size()) return false;
  std::ranges::copy(*bytes, to.begin());
  return true;
}

std::optional<Attachment> attachment_of(const Value& value) {
  const auto* object = value.as<Object>();
  if (!object || object->size() != kMembers.size()) return std::nullopt;
  const auto* id = find<std::string>(*object, "id");
  const auto* name = find<std::string>(*object, "name");
  const auto* type = find<std::string>(*object, "type");
  const auto* size = find<std::int64_t>(*object, "size");
  if (!id || !name || !type || !size) return std::nullopt;
  Attachment attachment{.id = *id, .name = *name, .type = *type, .size = *size};
  if (!read_bytes(*object, "key", attachment.key) || !read_bytes(*object, "sha256", attachment.sha256))
    return std::nullopt;
  return attachment;
}

}  // namespace

bool are_within_bounds(const std::vector<Attachment>& attachments) {
  if (attachments.size() > kMostAttachments) return false;
  std::set<std::string_view> ids;
  return std::ranges::all_of(attachments, [&](const Attachment& each) {
    return is_uuid(each.id) && ids.insert(each.id).second && is_name(each.name) && is_type(each.type) &&
           each.size >= 0;
  });
}

Value to_value(const std::vector<Attachment>& attachments) {
  Array array;
  for (const Attachment& each : attachments)
    array.push_back(Object{{"id", each.id},
                           {"name", each.name},
                           {"type", each.type},
                           {"size", each.size},
                           {"key", to_base64url(each.key)},
                           {"sha256", to_base64url(each.sha256)}});
  return array;
}

std::optional<std::vector<Attachment>> from_value(const Value& value) {
  const auto* array = value.as<Array>();
  if (!array || array->empty()) return std::nullopt;
  std::vector<Attachment> attachments;
  for (const Value& each : *array) {
    auto attachment = attachment_of(each);
    if (!attachment || attachments.size() == kMostAttachments) return std::nullopt;
    attachments.push_back(std::move(*attachment));
  }
  if (!are_within_bounds(attachments)) return std::nullopt;
  return attachments;
}

bool have_unknown_members(const Value& value) {
  const auto* array = value.as<Array>();
  return array && std::ranges::any_of(*array, [](const Value& each) {
           const auto* object = each.as<Object>();
           return object && std::ranges::any_of(*object, [](const auto& member) {
                    return std::ranges::find(kMembers, member.first) == kMembers.end();
                  });
         });
}

std::string name_for(std::string_view name) {
  if (!is_utf8(as_bytes(name))) return "file";
  std::string clean;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool turns = turns_direction(name.substr(at));
    clean += turns || misleads(name[at]) ? '_' : name[at];
    if (turns) at += 2;
  }
  if (clean.empty() || clean == "." || clean == "..") return "file";
  if (clean.size() <= kMostNameBytes) return clean;
  constexpr std::size_t kLongestEnding = 12;
  const auto dot = clean.rfind('.');
  const std::string ending =
      dot != std::string::npos && dot > 0 && clean.size() - dot <= kLongestEnding ? clean.substr(dot) : "";
  clean.resize(kMostNameBytes - ending.size());
  while (!is_utf8(as_bytes(clean))) clean.pop_back();
  return clean + ending;
}

}  // namespace wardline::content
