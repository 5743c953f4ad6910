// What each primitive costs on this machine right now, asked of OpenSSL's own interface used well: keys parsed
// once, contexts and fetched algorithms kept. The yardstick that operations are held against.
#pragma once

#include <functional>
#include <vector>

#include "bench/mls/primitives.h"
#include "lib/crypto/suite.h"

namespace wardline::bench {

/// CPU time of this thread, in nanoseconds.
double thread_time();
double median(std::vector<double> values);

class OpensslCosts {
 public:
  explicit OpensslCosts(const crypto::Suite& suite);
  /// Times each primitive a few times: once between any two stretches of what is compared with them, so that
  /// a machine that is slow for a while is slow for both.
  void sample();
  std::size_t samples() const { return probes_.front().nanoseconds.size(); }
  /// By the medians of all samples.
  double nanoseconds(const Counts& counts) const;

 private:
  struct Probe {
    int batch;
    std::function<void()> run;
    std::vector<double> nanoseconds = {};
  };
  double further_blocks_;  // Of the long hash, after those of the short one.
  std::vector<Probe> probes_;
};

}  // namespace wardline::bench
