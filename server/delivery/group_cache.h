// The public MLS state of the groups used last, so that a commit costs what it changes and not what the group
// is wide.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "lib/mls/public/public_group.h"
#include "server/core/id.h"

namespace wardline::delivery {

/// Keyed by conversation and by the version that the state belongs to: a state of another version is not
/// found.
class GroupCache {
 public:
  explicit GroupCache(std::size_t capacity = 2000) : capacity_(capacity) {}

  std::optional<mls::PublicGroup> find(core::ConversationId conversation, std::int64_t version) {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(conversation);
    if (found == slots_.end() || found->second.version != version) return std::nullopt;
    recent_.splice(recent_.begin(), recent_, found->second.use);
    return found->second.group;
  }

  void put(core::ConversationId conversation, std::int64_t version, mls::PublicGroup group) {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(conversation);
    if (found != slots_.end()) {
      if (found->second.version > version) return;
      recent_.erase(found->second.use);
      slots_.erase(found);
    }
    recent_.push_front(conversation);
    slots_.emplace(conversation, Slot{version, std::move(group), recent_.begin()});
    if (slots_.size() > capacity_) {
      slots_.erase(recent_.back());
      recent_.pop_back();
    }
  }

 private:
  struct Slot {
    std::int64_t version;
    mls::PublicGroup group;
    std::list<core::ConversationId>::iterator use;
  };

  const std::size_t capacity_;
  std::mutex mutex_;
  std::unordered_map<core::ConversationId, Slot> slots_;
  std::list<core::ConversationId> recent_;  // Used last: front.
};

}  // namespace wardline::delivery
