#include "server/identity/session_cache.h"

#include "server/identity/clock_tolerance.h"

namespace wardline::identity {

std::uint64_t SessionCache::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void SessionCache::put(const SessionKey& key, const Session& session, core::Time used_at, core::Time now,
                       std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation != generation_) return;
  if (entries_.size() >= limits_.entries) make_room();
  entries_.insert_or_assign(key, Entry{session, now, used_at, now});
}

std::optional<Session> SessionCache::use(const SessionKey& key, core::Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  Entry& entry = found->second;
  const bool ended = now >= entry.session.expires_at || now - entry.used_at > entry.session.idle;
  const bool from_the_future = entry.used_at - now > kClockTolerance;
  if (ended || from_the_future || now - entry.read_at > limits_.believed ||
      now - entry.saved_at > limits_.unsaved) {
    entries_.erase(found);
    return std::nullopt;
  }
  entry.used_at = now;
  return entry.session;
}

template <class Predicate>
void SessionCache::forget_if(Predicate predicate) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  std::erase_if(entries_, [&](const auto& item) { return predicate(item.second.session); });
}

void SessionCache::forget_session(core::SessionId session) {
  forget_if([&](const Session& cached) { return cached.id == session; });
}

void SessionCache::forget_user(core::UserId user) {
  forget_if([&](const Session& cached) { return cached.user == user; });
}

// Keys are random, so the first few are a fair sample: the least recently used of them goes.
void SessionCache::make_room() {
  auto oldest = entries_.begin();
  auto at = oldest;
  for (int i = 0; i < 16 && at != entries_.end(); ++i, ++at) {
    if (at->second.used_at < oldest->second.used_at) oldest = at;
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

}  // namespace wardline::identity
