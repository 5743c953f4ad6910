// Opens sockets that then say nothing, and asks what they cost the server in memory.
#pragma once

#include <chrono>
#include <string>

#include "client/load/conversation_setup.h"

namespace wardline::client {

struct IdlePlan {
  std::size_t sockets = 10'000;
  double opened_per_second = 300;  ///< below what the server admits from one address
  std::chrono::seconds silence{5};
  int server_pid = 0;
};

struct IdleReport {
  std::uint64_t sockets = 0;  ///< that were ready, and still there after the silence
  double opened_per_second = 0;
  std::uint64_t server_bytes_before = 0;
  std::uint64_t server_bytes = 0;
  std::string to_json() const;
};

/// Blocks. Each device opens its share, all in its one session.
IdleReport run_idle(const IdlePlan& plan, const std::vector<LoadDevice*>& devices,
                    boost::asio::ssl::context& tls);

}  // namespace wardline::client
