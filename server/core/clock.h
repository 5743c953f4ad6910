// Time as the product stores it: integer microseconds since 1970-01-01 UTC. Passed in, never asked of the
// system.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>

namespace wardline::core {

struct Time {
  std::int64_t microseconds = 0;
  auto operator<=>(const Time&) const = default;
  Time operator+(std::chrono::microseconds span) const { return {microseconds + span.count()}; }
  Time operator-(std::chrono::microseconds span) const { return {microseconds - span.count()}; }
  std::chrono::microseconds operator-(Time earlier) const {
    return std::chrono::microseconds(microseconds - earlier.microseconds);
  }
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override {
    return {std::chrono::duration_cast<std::chrono::microseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
  }
};

/// A clock that tests move by hand.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = {1'700'000'000'000'000}) : now_(start.microseconds) {}
  Time now() const override { return {now_.load()}; }
  void advance(std::chrono::microseconds span) { now_ += span.count(); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace wardline::core
