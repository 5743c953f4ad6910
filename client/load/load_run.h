// Runs a load: pairs of devices that send to each other over their sockets, and a count of everything that is
// owed.
#pragma once

#include <chrono>

#include "client/load/load_state.h"
#include "client/load/report.h"

namespace wardline::client {

struct LoadPlan {
  std::size_t senders = 64;
  std::size_t in_flight = 8;
  std::chrono::seconds warm_up{2};
  std::chrono::seconds duration{10};
  std::size_t message_bytes = 600;
  double rate = 0;                    ///< sends per second in all; 0: as fast as answers come
  int server_pid = 0;                 ///< whose processor time is counted; 0: nobody's
  std::filesystem::path record = {};  ///< the ledger that is gone on with; empty: none is kept
};

/// Blocks until the run is over and every acknowledged message has been looked for in the deliveries. With a
/// ledger a run may be cut off, by a server that was killed: then what was acknowledged and what was not is
/// in the ledger. Begins with what an earlier run was cut off in. Nothing if the ledger cannot be used.
std::optional<LoadReport> run_load(const LoadPlan& plan, const std::vector<LoadParticipant>& senders,
                                   boost::asio::ssl::context& tls);

}  // namespace wardline::client
