// Token buckets: how often somebody may ask. Memory is bounded whatever the number of askers.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "server/core/clock.h"

namespace wardline::http {

struct Rate {
  double per_second = 100;
  double burst = 400;
};

/// Safe for use from many threads.
template <class Key>
class RateLimiter {
 public:
  RateLimiter(Rate rate, std::size_t most_keys, const core::Clock& clock)
      : rate_(rate), most_keys_(most_keys), clock_(clock) {}

  /// Takes a token. Nothing if there was one, else how long to wait for the next.
  std::optional<std::chrono::milliseconds> take(const Key& key) {
    const std::lock_guard lock(mutex_);
    const core::Time now = clock_.now();
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
      if (buckets_.size() >= most_keys_) forget_full(now);
      // So many askers at once is an attack in itself: those beyond share one bucket.
      if (buckets_.size() >= most_keys_) return take(overflow_, now);
      found = buckets_.emplace(key, Bucket{rate_.burst, now}).first;
    }
    return take(found->second, now);
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return buckets_.size();
  }

 private:
  struct Bucket {
    double tokens = 0;
    core::Time filled_at;
  };

  void fill(Bucket& bucket, core::Time now) const {
    // A clock that jumps back gives nothing and takes nothing.
    const double seconds = std::max(0.0, static_cast<double>((now - bucket.filled_at).count()) / 1e6);
    bucket.tokens = std::min(rate_.burst, bucket.tokens + seconds * rate_.per_second);
    bucket.filled_at = now;
  }

  std::optional<std::chrono::milliseconds> take(Bucket& bucket, core::Time now) const {
    fill(bucket, now);
    if (bucket.tokens < 1) {
      const double seconds = (1 - bucket.tokens) / rate_.per_second;
      return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000) + 1);
    }
    bucket.tokens -= 1;
    return std::nullopt;
  }

  // Whoever has a full bucket is as good as unknown.
  void forget_full(core::Time now) {
    if ((now - swept_at_) < std::chrono::seconds(1) && now >= swept_at_) return;
    swept_at_ = now;
    for (auto at = buckets_.begin(); at != buckets_.end();) {
      fill(at->second, now);
      at = at->second.tokens >= rate_.burst ? buckets_.erase(at) : std::next(at);
    }
  }

  const Rate rate_;
  const std::size_t most_keys_;
  const core::Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Bucket> buckets_;
  Bucket overflow_;
  core::Time swept_at_;
};

}  // namespace wardline::http
