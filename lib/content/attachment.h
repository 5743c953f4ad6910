// A file that a message names (docs/api.md "Content"): what its recipients need to fetch and open it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lib/content/canonical_json.h"

namespace wardline::content {

struct Attachment {
  std::string id;  ///< of the file at the server: a UUID in text form
  std::string name;
  std::string type;                       ///< a media type, in lower case, without parameters
  std::int64_t size = 0;                  ///< of the file itself, in bytes
  std::array<std::uint8_t, 32> key{};     ///< as secret as the words beside it
  std::array<std::uint8_t, 32> sha256{};  ///< of the ciphertext that the server holds
  bool operator==(const Attachment&) const = default;
};

inline constexpr std::size_t kMostAttachments = 10;
inline constexpr std::size_t kMostNameBytes = 255;
inline constexpr std::size_t kMostTypeLength = 127;

/// Whether these may stand in a message: not too many, each once, with names that are not empty and cannot
/// mislead (folders, control characters, what turns the direction of writing), and media types.
bool are_within_bounds(const std::vector<Attachment>& attachments);

Value to_value(const std::vector<Attachment>& attachments);
/// Nothing for what no `to_value` of attachments within bounds gives.
std::optional<std::vector<Attachment>> from_value(const Value& value);
/// Whether one of them says something that this version does not know.
bool have_unknown_members(const Value& value);

/// The name of a file as it may travel: without what could mislead, shortened before its ending.
std::string name_for(std::string_view name);

}  // namespace wardline::content
