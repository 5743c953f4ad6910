#include "client/load/fan_out_run.h"

#include <algorithm>
#include <cstdio>

#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>

#include "client/load/frame_reading.h"
#include "client/load/listener.h"
#include "client/load/process_figures.h"
#include "client/messaging/line_frames.h"

namespace wardline::client {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

class FanOutRun {
 public:
  FanOutRun(const FanOutPlan& plan, const LoadConversation& conversation,
            const std::vector<LoadDevice*>& devices, asio::ssl::context& tls)
      : plan_(plan),
        conversation_(conversation),
        message_(opaque_message(conversation, plan.message_bytes)),
        last_(devices.size(), 0) {
    for (std::size_t at = 0; at < devices.size(); ++at) {
      sockets_.push_back(listen_as(*devices[at], loop_, tls, ended_,
                                   [this, at](std::string_view text) { on_text(at, text); }));
    }
  }

  FanOutReport run() {
    loop_.run();
    report_.devices = sockets_.size();
    report_.seconds = std::chrono::duration<double>(Steady::now() - begun_).count();
    report_.server_cpu_seconds = cpu_seconds_of(plan_.server_pid) - cpu_before_;
    return report_;
  }

 private:
  void on_text(std::size_t at, std::string_view text) {
    if (is_frame(text, "entry")) return on_entry(at, number_in(text, R"("sequence":)").value_or(-1));
    if (is_frame(text, "ready") && ++ready_ == sockets_.size()) {
      begun_ = Steady::now();
      cpu_before_ = cpu_seconds_of(plan_.server_pid);
      speak();
    }
    if (is_frame(text, "refused")) std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  }

  // The commits that made the group come first, before anything was said.
  void on_entry(std::size_t at, std::int64_t sequence) {
    if (last_[at] != 0 && sequence != last_[at] + 1) ++report_.out_of_order;
    last_[at] = sequence;
    if (sent_ == 0 || ++delivered_ < sockets_.size()) return;
    report_.latencies_us.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - since_).count()));
    ++report_.messages;
    if (sent_ < plan_.messages) return speak();
    ended_ = true;
    loop_.stop();
  }

  void speak() {
    delivered_ = 0;
    since_ = Steady::now();
    ++sent_;
    sockets_[0]->send(send_frame(static_cast<std::int64_t>(sent_), conversation_.id,
                                 {next_idempotency_id(), conversation_.epoch, message_}));
  }

  const FanOutPlan& plan_;
  const LoadConversation conversation_;
  const Bytes message_;
  asio::io_context loop_{1};
  std::vector<std::shared_ptr<DeviceSocket>> sockets_;
  std::vector<std::int64_t> last_;  ///< By device.
  std::size_t ready_ = 0;
  std::size_t sent_ = 0;
  std::size_t delivered_ = 0;
  bool ended_ = false;
  Steady::time_point since_;
  Steady::time_point begun_ = Steady::now();
  double cpu_before_ = 0;
  FanOutReport report_;
};

}  // namespace

FanOutReport run_fan_out(const FanOutPlan& plan, const LoadConversation& conversation,
                         const std::vector<LoadDevice*>& devices, asio::ssl::context& tls) {
  return FanOutRun(plan, conversation, devices, tls).run();
}

std::string FanOutReport::to_json() const {
  auto sorted = latencies_us;
  std::ranges::sort(sorted);
  const auto percentile = [&](double share) {
    return sorted.empty() ? 0
                          : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  const auto deliveries = static_cast<double>(messages * devices);
  return boost::json::serialize(boost::json::object{
      {"devices", devices},
      {"messages", messages},
      {"deliveries_per_second", seconds > 0 ? deliveries / seconds : 0},
      {"p50_us", percentile(0.5)},
      {"p99_us", percentile(0.99)},
      {"out_of_order", out_of_order},
      {"server_cpu_us_per_delivery", deliveries > 0 ? server_cpu_seconds * 1e6 / deliveries : 0}});
}

}  // namespace wardline::client
