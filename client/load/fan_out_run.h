// One speaks to a large group, again and again: how long until the last of its devices has the message.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "client/load/conversation_setup.h"

namespace wardline::client {

struct FanOutPlan {
  std::size_t messages = 200;
  std::size_t message_bytes = 600;
  int server_pid = 0;
};

struct FanOutReport {
  std::uint64_t devices = 0;
  std::uint64_t messages = 0;
  std::uint64_t out_of_order = 0;  ///< deliveries that were not the next one of their device
  double seconds = 0;
  double server_cpu_seconds = 0;
  std::vector<std::uint32_t> latencies_us = {};  ///< from the send to the last delivery
  std::string to_json() const;
};

/// Blocks until every device has every message. The first device speaks; the next message follows when all
/// have the one before.
FanOutReport run_fan_out(const FanOutPlan& plan, const LoadConversation& conversation,
                         const std::vector<LoadDevice*>& devices, boost::asio::ssl::context& tls);

}  // namespace wardline::client
