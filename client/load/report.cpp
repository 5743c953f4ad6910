#include "client/load/report.h"

#include <algorithm>

#include <boost/json/serialize.hpp>

namespace wardline::client {

std::uint32_t LoadReport::percentile(double share) {
  if (latencies_us.empty()) return 0;
  std::ranges::sort(latencies_us);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(latencies_us.size() - 1));
  return latencies_us[at];
}

std::string LoadReport::to_json() {
  const double per_message =
      acknowledged > 0 ? server_cpu_seconds * 1e6 / static_cast<double>(acknowledged) : 0;
  return boost::json::serialize(boost::json::object{{"senders", senders},
                                                    {"in_flight", in_flight},
                                                    {"seconds", seconds},
                                                    {"cut_off", cut_off},
                                                    {"acknowledged", acknowledged},
                                                    {"sends_per_second", per_second()},
                                                    {"p50_us", percentile(0.5)},
                                                    {"p99_us", percentile(0.99)},
                                                    {"p999_us", percentile(0.999)},
                                                    {"refused", refused},
                                                    {"lost", lost},
                                                    {"doubled", doubled},
                                                    {"reordered", reordered},
                                                    {"server_cpu_us_per_send", per_message}});
}

}  // namespace wardline::client
