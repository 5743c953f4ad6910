// Parts of a file, as HTTP names them (RFC 9110 §14): one range of bytes, in a request for it or with its
// content.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardline::http {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< with it
  bool operator==(const ByteRange&) const = default;
};

/// A Range field: "bytes=0-499", "bytes=500-" (to the end: the highest number there is). Nothing for several
/// ranges, for one from the end, and for what is malformed.
std::optional<ByteRange> parse_range(std::string_view field);

struct ContentRange {
  ByteRange range;
  std::uint64_t size = 0;  ///< of the whole
};

/// A Content-Range field: "bytes 0-499/1234". Nothing for what is malformed, or not within its size.
std::optional<ContentRange> parse_content_range(std::string_view field);
std::string content_range(const ContentRange& part);

}  // namespace wardline::http
