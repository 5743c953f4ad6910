// Knows which connected devices follow which conversations, and hands them what is new.
#pragma once

#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/delivery/feed.h"

namespace wardline::delivery {

/// Safe to use from any thread. One per node; other nodes are woken through the message bus (later).
class Hub {
 public:
  void connect(const FeedPtr& feed);
  void disconnect(const FeedPtr& feed);

  void follow(const FeedPtr& feed, core::ConversationId conversation);
  /// A device was removed from a conversation: nothing more of it is sent to that device.
  void unfollow(core::DeviceId device, core::ConversationId conversation);

  /// Every connected feed of these devices starts to follow the conversation after `after`.
  void follow_devices(const std::vector<core::DeviceId>& devices, core::ConversationId conversation,
                      std::int64_t after, std::int64_t last_sequence);

  void publish(const LogEntryPtr& entry);
  /// To everybody who follows the conversation.
  void notify_conversation(core::ConversationId conversation, const Notice& notice);
  /// To every connection of one device.
  void notify_device(core::DeviceId device, const Notice& notice);

  /// Connections that were opened in these sessions are told the reason, a fixed code, and closed.
  void end_sessions(std::span<const core::SessionId> sessions, std::string_view reason);

  std::size_t connected() const;

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<core::ConversationId, std::unordered_set<FeedPtr>> followers_;
  std::unordered_map<core::DeviceId, std::unordered_set<FeedPtr>> devices_;
};

}  // namespace wardline::delivery
