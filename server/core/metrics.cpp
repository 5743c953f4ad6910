#include "server/core/metrics.h"

#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace wardline::core {
namespace {

constexpr std::uint64_t kSmallestBucket = 100'000;  // nanoseconds

std::string text_of(const MetricLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += fmt::format("{}{}=\"", text.empty() ? "" : ",", name);
    for (const char c : value) {
      if (c == '\\' || c == '"') text += '\\';
      text += c == '\n' ? ' ' : c;
    }
    text += '"';
  }
  return text;
}

std::string braced(const std::string& labels) { return labels.empty() ? "" : "{" + labels + "}"; }

}  // namespace

void DurationHistogram::observe(std::chrono::nanoseconds duration) {
  const auto nanoseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
  const std::uint64_t times = (nanoseconds + kSmallestBucket - 1) / kSmallestBucket;
  const auto bucket = times <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(times - 1));
  buckets_[std::min(bucket, kBuckets)].fetch_add(1, std::memory_order_relaxed);
  sum_nanoseconds_.fetch_add(nanoseconds, std::memory_order_relaxed);
}

std::uint64_t DurationHistogram::count() const {
  std::uint64_t count = 0;
  for (const auto& bucket : buckets_) count += bucket.load(std::memory_order_relaxed);
  return count;
}

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, std::string_view type) {
  Family& found = families_[name];
  found.help = help;
  found.type = type;
  return found;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  Counter*& found = family(name, help, "counter").counters[text_of(labels)];
  if (!found) found = &counters_.emplace_back();
  return *found;
}

DurationHistogram& Metrics::duration(std::string_view name, std::string_view help,
                                     const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  DurationHistogram*& found = family(name, help, "histogram").durations[text_of(labels)];
  if (!found) found = &durations_.emplace_back();
  return *found;
}

void Metrics::gauge(std::string_view name, std::string_view help, std::function<double()> read,
                    const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  family(name, help, "gauge").reads[text_of(labels)] = std::move(read);
}

void Metrics::counted(std::string_view name, std::string_view help, std::function<double()> read,
                      const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  family(name, help, "counter").reads[text_of(labels)] = std::move(read);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, family.type);
    for (const auto& [labels, counter] : family.counters)
      out += fmt::format("{}{} {}\n", name, braced(labels), counter->value());
    for (const auto& [labels, read] : family.reads)
      out += fmt::format("{}{} {}\n", name, braced(labels), read());
    for (const auto& [labels, histogram] : family.durations) {
      const std::string comma = labels.empty() ? "" : labels + ",";
      std::uint64_t total = 0;
      for (std::size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
        total += histogram->buckets_[i].load(std::memory_order_relaxed);
        out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, comma,
                           0.0001 * std::exp2(static_cast<double>(i)), total);
      }
      total += histogram->buckets_[DurationHistogram::kBuckets].load(std::memory_order_relaxed);
      const auto sum = static_cast<double>(histogram->sum_nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
      out += fmt::format("{}_bucket{{{}le=\"+Inf\"}} {}\n{}_sum{} {}\n{}_count{} {}\n", name, comma, total,
                         name, braced(labels), sum, name, braced(labels), total);
    }
  }
  return out;
}

}  // namespace wardline::core
