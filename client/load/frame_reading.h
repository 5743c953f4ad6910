// The frames of the device socket as a load generator reads them: without a document, so that the server is
// what is measured. It writes them as every client does (client/messaging/line_frames.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardline::client {

/// A version 7 UUID that is cheap to make: time, and random bits taken once per process beside a counter.
std::string next_idempotency_id();

/// Whether this is a frame of that type. Our own server writes the type first, and no spaces.
inline bool is_frame(std::string_view text, std::string_view type) {
  constexpr std::string_view kBegin = R"({"type":")";
  return text.starts_with(kBegin) && text.substr(kBegin.size()).starts_with(type) &&
         text.substr(kBegin.size() + type.size()).starts_with('"');
}

/// The number behind `"name":`; `name` is given with quotes and colon.
std::optional<std::int64_t> number_in(std::string_view text, std::string_view name);

}  // namespace wardline::client
