#include "server/http/byte_range.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace wardline::http {
namespace {

/// Digits at the front of `text`, which loses them.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<ByteRange> parse_range(std::string_view field) {
  if (!take(field, "bytes=")) return std::nullopt;
  const auto first = take_number(field);
  if (!first || !take(field, "-")) return std::nullopt;
  if (field.empty()) return ByteRange{*first, std::numeric_limits<std::uint64_t>::max()};
  const auto last = take_number(field);
  if (!last || !field.empty() || *last < *first) return std::nullopt;
  return ByteRange{*first, *last};
}

std::optional<ContentRange> parse_content_range(std::string_view field) {
  if (!take(field, "bytes ")) return std::nullopt;
  const auto first = take_number(field);
  if (!first || !take(field, "-")) return std::nullopt;
  const auto last = take_number(field);
  if (!last || !take(field, "/")) return std::nullopt;
  const auto size = take_number(field);
  if (!size || !field.empty() || *last < *first || *last >= *size) return std::nullopt;
  return ContentRange{{*first, *last}, *size};
}

std::string content_range(const ContentRange& part) {
  return fmt::format("bytes {}-{}/{}", part.range.first, part.range.last, part.size);
}

}  // namespace wardline::http
