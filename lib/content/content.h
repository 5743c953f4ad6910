// What travels inside an encrypted message (docs/api.md "Content"), to the letter as browsers write and read
// it.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "lib/bytes/bytes.h"
#include "lib/content/attachment.h"

namespace wardline::content {

enum class Kind : std::uint8_t { text, title, receipt_note };

struct Content {
  Kind kind = Kind::text;
  std::string text;
  std::optional<std::string> title = {};
  std::optional<std::string> patient_id = {};
  std::optional<std::string> reply_to = {};  ///< the idempotency id of the message that this one answers
  std::vector<Attachment> attachments = {};
  std::optional<std::string> device_log =
      {};                    ///< a checkpoint of the device log as the sender saw it, for comparison (ENC-8)
  std::int64_t sent_at = 0;  ///< the sender's clock, microseconds; the order is the server's, never this
  bool operator==(const Content&) const = default;
};

enum class Error : std::uint8_t {
  newer_version,  ///< says something that this version cannot show whole: nothing of it is shown
  malformed,      ///< no content that anybody writes
};

/// Bounds in bytes, for both ways.
inline constexpr std::size_t kMostBytes = 64U << 10;
inline constexpr std::size_t kMostTitleBytes = 480;
inline constexpr std::size_t kMostDeviceLogBytes = 1024;

/// Canonical JSON. `malformed` for text that is not UTF-8, an id that is none, and what exceeds the bounds.
std::expected<Bytes, Error> encode(const Content& content);
/// Accepts exactly what `encode` writes. A version, kind or field that is not known is `newer_version`.
std::expected<Content, Error> decode(ByteView bytes);

}  // namespace wardline::content
