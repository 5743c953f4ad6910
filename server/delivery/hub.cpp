#include "server/delivery/hub.h"

#include <algorithm>

namespace wardline::delivery {

void Hub::connect(const FeedPtr& feed) {
  const std::unique_lock lock(mutex_);
  devices_[feed->owner().device].insert(feed);
}

void Hub::disconnect(const FeedPtr& feed) {
  const std::unique_lock lock(mutex_);
  if (const auto found = devices_.find(feed->owner().device); found != devices_.end()) {
    found->second.erase(feed);
    if (found->second.empty()) devices_.erase(found);
  }
  for (const core::ConversationId& conversation : feed->close()) {
    const auto found = followers_.find(conversation);
    if (found == followers_.end()) continue;
    found->second.erase(feed);
    if (found->second.empty()) followers_.erase(found);
  }
}

void Hub::follow(const FeedPtr& feed, core::ConversationId conversation) {
  const std::unique_lock lock(mutex_);
  const auto connected = devices_.find(feed->owner().device);
  if (connected == devices_.end() || !connected->second.contains(feed))
    return;  // It has gone in the meantime.
  followers_[conversation].insert(feed);
}

void Hub::unfollow(core::DeviceId device, core::ConversationId conversation) {
  const std::unique_lock lock(mutex_);
  const auto followers = followers_.find(conversation);
  if (followers == followers_.end()) return;
  std::erase_if(followers->second, [&](const FeedPtr& feed) {
    if (feed->owner().device != device) return false;
    feed->unfollow(conversation);
    return true;
  });
  if (followers->second.empty()) followers_.erase(followers);
}

void Hub::follow_devices(const std::vector<core::DeviceId>& devices, core::ConversationId conversation,
                         std::int64_t after, std::int64_t last_sequence) {
  std::vector<FeedPtr> joined;
  {
    const std::unique_lock lock(mutex_);
    for (const core::DeviceId& device : devices) {
      const auto found = devices_.find(device);
      if (found == devices_.end()) continue;
      for (const FeedPtr& feed : found->second) {
        followers_[conversation].insert(feed);
        joined.push_back(feed);
      }
    }
  }
  for (const FeedPtr& feed : joined) feed->follow(conversation, after, last_sequence);
}

void Hub::publish(const LogEntryPtr& entry) {
  const std::shared_lock lock(mutex_);
  const auto found = followers_.find(entry->conversation);
  if (found == followers_.end()) return;
  for (const FeedPtr& feed : found->second) feed->on_entry(entry);
}

void Hub::notify_conversation(core::ConversationId conversation, const Notice& notice) {
  const std::shared_lock lock(mutex_);
  const auto found = followers_.find(conversation);
  if (found == followers_.end()) return;
  for (const FeedPtr& feed : found->second) feed->on_notice(notice);
}

void Hub::notify_device(core::DeviceId device, const Notice& notice) {
  const std::shared_lock lock(mutex_);
  const auto found = devices_.find(device);
  if (found == devices_.end()) return;
  for (const FeedPtr& feed : found->second) feed->on_notice(notice);
}

void Hub::end_sessions(std::span<const core::SessionId> sessions, std::string_view reason) {
  const std::shared_lock lock(mutex_);
  for (const auto& [device, feeds] : devices_) {
    for (const FeedPtr& feed : feeds) {
      const auto session = feed->owner().session;
      if (session && std::ranges::find(sessions, *session) != sessions.end()) {
        feed->on_notice(SessionEndedNotice{reason});
      }
    }
  }
}

std::size_t Hub::connected() const {
  const std::shared_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [device, feeds] : devices_) count += feeds.size();
  return count;
}

}  // namespace wardline::delivery
