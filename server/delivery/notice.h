// Small news for a connected device that are not entries of a log. Each can be fetched again, so a lost one
// does no harm.
#pragma once

#include <variant>

#include "server/core/id.h"

namespace wardline::delivery {

/// How far one person's devices have got with a conversation: high-water marks of sequence numbers (MSG-1).
struct ReceiptMarks {
  std::int64_t delivered = 0;
  std::int64_t read = 0;
  std::int64_t acknowledged = 0;
  bool operator==(const ReceiptMarks&) const = default;
};

struct ReceiptsNotice {
  core::ConversationId conversation;
  core::UserId user;
  ReceiptMarks marks;
};

/// A Welcome waits for this device.
struct WelcomeNotice {
  core::ConversationId conversation;
};

struct TypingNotice {
  core::ConversationId conversation;
  core::UserId user;
};

/// This device's session is over: revoked, signed out, deactivated.
struct SessionEndedNotice {
  std::string_view reason;  ///< a fixed code
};

using Notice = std::variant<ReceiptsNotice, WelcomeNotice, TypingNotice, SessionEndedNotice>;

}  // namespace wardline::delivery
