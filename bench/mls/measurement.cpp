#include "bench/mls/measurement.h"

namespace wardline::bench {
namespace {
constexpr double kBetweenSamples = 5e6;  // Nanoseconds of the operation.
constexpr std::size_t kFewestSamples = 9;
}  // namespace

Measurement::Measurement(benchmark::State& state, const crypto::Suite& suite)
    : state_(state), costs_(suite) {
  costs_.sample();
}

void Measurement::start() {
  before_ = counted();
  started_ = thread_time();
}

void Measurement::stop() {
  const double took = thread_time() - started_;
  used_ = counted() - before_;
  state_.SetIterationTime(took / 1e9);
  times_.push_back(took);
  since_sample_ += took;
  if (since_sample_ < kBetweenSamples) return;
  costs_.sample();
  since_sample_ = 0;
}

void Measurement::report(Needs needs) {
  while (costs_.samples() < kFewestSamples) costs_.sample();
  const double took = median(times_);
  const double primitives = costs_.nanoseconds(used_);
  const auto beyond = [&](Primitive primitive, std::uint64_t needed) {
    return static_cast<double>(used_[primitive]) - static_cast<double>(needed);
  };
  auto& counters = state_.counters;
  counters["median_us"] = took / 1000;
  counters["primitives_us"] = primitives / 1000;
  if (primitives > 0) counters["ratio"] = took / primitives;
  counters["beyond_sign"] = beyond(Primitive::sign, needs.sign);
  counters["beyond_verify"] = beyond(Primitive::verify, needs.verify);
  counters["beyond_agree"] = beyond(Primitive::agree, needs.agree);
  state_.SetLabel(describe(used_));
}

}  // namespace wardline::bench
