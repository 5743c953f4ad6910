#include "server/core/metrics.h"

#include <thread>

#include <gtest/gtest.h>

namespace wardline::core {
namespace {

using std::chrono::microseconds;

TEST(Metrics, WritesThePrometheusTextFormat) {
  Metrics metrics;
  metrics.counter("a_total", "Things.", {{"kind", "x\"y"}}).add(3);
  metrics.gauge("b_now", "Now.", [] { return 2.5; });
  metrics.duration("c_seconds", "Time.", {{"route", "/v1"}}).observe(microseconds(150));
  const std::string text = metrics.text();
  EXPECT_NE(text.find("# HELP a_total Things.\n# TYPE a_total counter\na_total{kind=\"x\\\"y\"} 3\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("# TYPE b_now gauge\nb_now 2.5\n"), std::string::npos);
  EXPECT_NE(text.find("c_seconds_bucket{route=\"/v1\",le=\"0.0001\"} "
                      "0\nc_seconds_bucket{route=\"/v1\",le=\"0.0002\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("c_seconds_bucket{route=\"/v1\",le=\"+Inf\"} 1\nc_seconds_sum{route=\"/v1\"} 0.00015\n"
                      "c_seconds_count{route=\"/v1\"} 1\n"),
            std::string::npos);
}

TEST(Metrics, GivesTheSameCounterForTheSameLabels) {
  Metrics metrics;
  EXPECT_EQ(&metrics.counter("a", "A.", {{"x", "1"}}), &metrics.counter("a", "A.", {{"x", "1"}}));
  EXPECT_NE(&metrics.counter("a", "A.", {{"x", "1"}}), &metrics.counter("a", "A.", {{"x", "2"}}));
}

TEST(Metrics, BucketsHoldWhatIsNotAboveTheirBound) {
  Metrics metrics;
  auto& histogram = metrics.duration("d", "D.");
  histogram.observe(microseconds(100));
  histogram.observe(microseconds(101));
  histogram.observe(std::chrono::hours(1));
  histogram.observe(microseconds(-5));
  const std::string text = metrics.text();
  EXPECT_NE(text.find("le=\"0.0001\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("le=\"0.0002\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("le=\"26.2144\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("le=\"+Inf\"} 4\n"), std::string::npos);
}

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) metrics.counter("n", "N.").add();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(metrics.counter("n", "N.").value(), 40'000u);
}

}  // namespace
}  // namespace wardline::core
