// Counters and histograms that a monitoring system reads (OPS-2). Names and labels are fixed when they are
// made and hold no PHI and no ids: routes, kinds, outcomes.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace wardline::core {

class Counter {
 public:
  void add(std::uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Durations, in buckets that double from 0.1 ms to 26 s.
class DurationHistogram {
 public:
  static constexpr std::size_t kBuckets = 19;
  void observe(std::chrono::nanoseconds duration);
  std::uint64_t count() const;

 private:
  friend class Metrics;
  std::array<std::atomic<std::uint64_t>, kBuckets + 1> buckets_{};
  std::atomic<std::uint64_t> sum_nanoseconds_{0};
};

/// E.g. {{"route", "/v1/session"}, {"status", "2xx"}}.
using MetricLabels = std::vector<std::pair<std::string_view, std::string>>;

/// Made once in app/ and handed to whoever counts. What it gives out lives as long as it does. Safe for use
/// from many threads.
class Metrics {
 public:
  /// `name` and `help` are literals. The same name and labels give the same counter.
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  DurationHistogram& duration(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  /// Read whenever the metrics are. `read` must not block.
  void gauge(std::string_view name, std::string_view help, std::function<double()> read,
             const MetricLabels& labels = {});
  /// The same for a count that somebody else keeps.
  void counted(std::string_view name, std::string_view help, std::function<double()> read,
               const MetricLabels& labels = {});

  /// All of them in the Prometheus text format 0.0.4.
  std::string text() const;

 private:
  struct Family {
    std::string_view help;
    std::string_view type;
    std::map<std::string, Counter*> counters;  ///< By their labels as text.
    std::map<std::string, DurationHistogram*> durations;
    std::map<std::string, std::function<double()>> reads;
  };
  Family& family(std::string_view name, std::string_view help, std::string_view type);

  mutable std::mutex mutex_;
  std::map<std::string_view, Family> families_;
  std::deque<Counter> counters_;
  std::deque<DurationHistogram> durations_;
};

}  // namespace wardline::core
