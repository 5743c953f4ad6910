// A lock that is given out in the order of asking, so that group commit cannot starve the other writers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace wardline::storage {

class TicketLock {
 public:
  /// False when `patience` ran out first.
  bool lock_within(std::chrono::milliseconds patience) {
    std::unique_lock guard(mutex_);
    if (!taken_ && waiting_.empty()) {
      taken_ = true;
      return true;
    }
    Waiter self;
    waiting_.push_back(&self);
    if (self.ready.wait_for(guard, patience, [&] { return self.mine; })) return true;
    std::erase(waiting_, &self);
    return false;
  }

  void unlock() {
    const std::lock_guard guard(mutex_);
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    Waiter& next = *waiting_.front();
    waiting_.pop_front();
    next.mine = true;
    next.ready.notify_one();  // Under the lock: the waiter lives on its own stack until it sees `mine`.
  }

 private:
  struct Waiter {
    std::condition_variable ready;
    bool mine = false;
  };
  std::mutex mutex_;
  std::deque<Waiter*> waiting_;
  bool taken_ = false;
};

}  // namespace wardline::storage
