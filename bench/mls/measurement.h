// Times an operation of a cipher suite and, in turns with it, the OpenSSL primitives that it used: the ratio of
// the two says what the code around the primitives costs, whatever the machine is doing.
#pragma once

#include <benchmark/benchmark.h>

#include "bench/mls/openssl_costs.h"

namespace wardline::bench {

/// Public-key operations that RFC 9420 asks for in the operation that is measured. What is counted beyond them
/// is work of our own choice, and the table says so: a ratio alone would reward doing things twice.
struct Needs {
  std::uint64_t sign = 0;
  std::uint64_t verify = 0;
  std::uint64_t agree = 0;
};

class Measurement {
 public:
  Measurement(benchmark::State& state, const crypto::Suite& suite);
  /// Before and after the operation itself.
  void start();
  void stop();
  /// Medians, counts, primitives and ratio, as counters of the benchmark.
  void report(Needs needs);

 private:
  benchmark::State& state_;
  OpensslCosts costs_;
  Counts before_, used_;
  double started_ = 0;
  double since_sample_ = 0;
  std::vector<double> times_;
};

/// Runs `prepare` and then `run` for each iteration; only `run` is timed, and what it returns is destroyed
/// after.
template <class Prepare, class Run>
void measure(benchmark::State& state, const crypto::Suite& suite, Needs needs, const Prepare& prepare,
             const Run& run) {
  Measurement measurement(state, suite);
  while (state.KeepRunning()) {
    prepare();
    measurement.start();
    auto result = run();
    measurement.stop();
    benchmark::DoNotOptimize(result);
  }
  measurement.report(needs);
}

template <class Run>
void measure(benchmark::State& state, const crypto::Suite& suite, Needs needs, const Run& run) {
  measure(state, suite, needs, [] {}, run);
}

}  // namespace wardline::bench
