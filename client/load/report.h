// What a load run found, as a line for people and as JSON for scripts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wardline::client {

struct LoadReport {
  std::uint64_t senders = 0;
  std::uint64_t in_flight = 0;
  double seconds = 0;
  bool cut_off = false;            ///< the server went away: what was lost is for the ledger to say
  std::uint64_t acknowledged = 0;  ///< durable sends within the measured time
  std::uint64_t refused = 0;
  std::uint64_t lost = 0;       ///< acknowledged, and not delivered
  std::uint64_t doubled = 0;    ///< delivered or stored twice
  std::uint64_t reordered = 0;  ///< delivered out of the log's order
  double server_cpu_seconds = 0;
  std::vector<std::uint32_t> latencies_us = {};  ///< of each acknowledged send

  double per_second() const { return seconds > 0 ? static_cast<double>(acknowledged) / seconds : 0; }
  /// The latency that this share of sends stayed under, in microseconds. Sorts `latencies_us`.
  std::uint32_t percentile(double share);
  std::string to_json();
};

}  // namespace wardline::client
