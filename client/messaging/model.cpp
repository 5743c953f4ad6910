#include "client/messaging/model.h"

#include <algorithm>

namespace wardline::client {

std::string_view name_of(Priority priority) {
  constexpr std::string_view kNames[] = {"routine", "urgent", "critical"};
  return kNames[static_cast<std::size_t>(priority)];
}

std::string_view name_of(ConversationKind kind) {
  return kind == ConversationKind::direct ? "direct" : "group";
}

std::string_view name_of(Membership membership) {
  constexpr std::string_view kNames[] = {"awaiting", "joined", "removed"};
  return kNames[static_cast<std::size_t>(membership)];
}

std::string_view name_of(Unreadable reason) {
  constexpr std::string_view kNames[] = {"newer-version", "malformed", "keys-gone", "invalid",
                                         "sent-elsewhere"};
  return kNames[static_cast<std::size_t>(reason)];
}

Marks merge(const Marks& left, const Marks& right) {
  Marks marks;
  marks.acknowledged = std::max(left.acknowledged, right.acknowledged);
  marks.read = std::max({left.read, right.read, marks.acknowledged});
  marks.delivered = std::max({left.delivered, right.delivered, marks.read});
  return marks;
}

}  // namespace wardline::client
