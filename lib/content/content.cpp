#include "lib/content/content.h"

#include <array>

#include "lib/bytes/text.h"
#include "lib/content/canonical_json.h"

namespace wardline::content {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::array<std::string_view, 3> kKinds = {"text", "title", "receipt-note"};
constexpr std::array<std::string_view, 9> kFields = {
    "attachments", "device_log", "kind", "patient_id", "reply_to", "sent_at", "text", "title", "v"};

std::unexpected<Error> malformed() { return std::unexpected(Error::malformed); }

template <class T>
const T* find(const Object& object, std::string_view name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->second.as<T>();
}

/// False if the member is there and is no text.
bool read_text(const Object& object, std::string_view name, std::optional<std::string>& to) {
  if (!object.contains(name)) return true;
  const auto* text = find<std::string>(object, name);
  if (text) to = *text;
  return text != nullptr;
}

bool is_within_bounds(const Content& content) {
  return content.sent_at >= 0 && (!content.title || content.title->size() <= kMostTitleBytes) &&
         (!content.device_log || content.device_log->size() <= kMostDeviceLogBytes) &&
         (!content.patient_id || is_uuid(*content.patient_id)) &&
         (!content.reply_to || is_uuid(*content.reply_to)) && are_within_bounds(content.attachments);
}

}  // namespace

std::expected<Bytes, Error> encode(const Content& content) {
  if (!is_within_bounds(content)) return malformed();
  Object object{{"v", kVersion},
                {"kind", std::string(kKinds.at(static_cast<std::size_t>(content.kind)))},
                {"text", content.text},
                {"sent_at", content.sent_at}};
  if (content.title) object.emplace("title", *content.title);
  if (content.patient_id) object.emplace("patient_id", *content.patient_id);
  if (content.reply_to) object.emplace("reply_to", *content.reply_to);
  if (!content.attachments.empty()) object.emplace("attachments", to_value(content.attachments));
  if (content.device_log) object.emplace("device_log", *content.device_log);
  const auto json = to_canonical_json(std::move(object));
  if (!json || json->size() > kMostBytes) return malformed();
  return to_bytes(as_bytes(*json));
}

std::expected<Content, Error> decode(ByteView bytes) {
  if (bytes.size() > kMostBytes) return malformed();
  const auto value = from_canonical_json(bytes);
  const auto* object = value ? value->as<Object>() : nullptr;
  if (!object) return malformed();
  const auto* version = find<std::int64_t>(*object, "v");
  const auto* kind = find<std::string>(*object, "kind");
  if (!version || *version < kVersion) return malformed();
  if (*version > kVersion) return std::unexpected(Error::newer_version);
  if (!kind) return malformed();
  const auto* known = std::ranges::find(kKinds, *kind);
  const bool knows_all = std::ranges::all_of(
      *object, [](const auto& member) { return std::ranges::find(kFields, member.first) != kFields.end(); });
  if (known == kKinds.end() || !knows_all) return std::unexpected(Error::newer_version);

  const auto files = object->find("attachments");
  if (files != object->end() && have_unknown_members(files->second))
    return std::unexpected(Error::newer_version);

  const auto* text = find<std::string>(*object, "text");
  const auto* sent_at = find<std::int64_t>(*object, "sent_at");
  if (!text || !sent_at) return malformed();
  Content content{.kind = static_cast<Kind>(known - kKinds.begin()), .text = *text, .sent_at = *sent_at};
  if (files != object->end()) {
    auto attachments = from_value(files->second);
    if (!attachments) return malformed();
    content.attachments = std::move(*attachments);
  }
  if (!read_text(*object, "title", content.title) || !read_text(*object, "patient_id", content.patient_id) ||
      !read_text(*object, "reply_to", content.reply_to) ||
      !read_text(*object, "device_log", content.device_log) || !is_within_bounds(content)) {
    return malformed();
  }
  return content;
}

}  // namespace wardline::content
