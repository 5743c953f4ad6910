#include "client/load/idle_run.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>

#include "client/load/frame_reading.h"
#include "client/load/listener.h"
#include "client/load/process_figures.h"

namespace wardline::client {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

class IdleRun {
 public:
  IdleRun(const IdlePlan& plan, const std::vector<LoadDevice*>& devices, asio::ssl::context& tls)
      : plan_(plan), devices_(devices), tls_(tls) {}

  IdleReport run() {
    report_.server_bytes_before = resident_bytes_of(plan_.server_pid);
    begun_ = next_ = Steady::now();
    open_next();
    loop_.run();
    return report_;
  }

 private:
  void open_next() {
    const LoadDevice& device = *devices_[sockets_.size() % devices_.size()];
    sockets_.push_back(listen_as(device, loop_, tls_, failed_, [this](std::string_view text) {
      if (is_frame(text, "ready") && ++ready_ == plan_.sockets) wait();
    }));
    if (sockets_.size() == plan_.sockets) return;
    next_ += std::chrono::duration_cast<Steady::duration>(
        std::chrono::duration<double>(1 / plan_.opened_per_second));
    timer_.expires_at(next_);
    timer_.async_wait([this](boost::system::error_code bad) {
      if (!bad) open_next();
    });
  }

  void wait() {
    report_.opened_per_second =
        static_cast<double>(ready_) / std::chrono::duration<double>(Steady::now() - begun_).count();
    timer_.expires_after(plan_.silence);
    timer_.async_wait([this](boost::system::error_code) {
      report_.sockets = ready_;
      report_.server_bytes = resident_bytes_of(plan_.server_pid);
      loop_.stop();
    });
  }

  const IdlePlan& plan_;
  const std::vector<LoadDevice*>& devices_;
  asio::ssl::context& tls_;
  asio::io_context loop_{1};
  asio::steady_timer timer_{loop_};
  std::vector<std::shared_ptr<DeviceSocket>> sockets_;
  std::size_t ready_ = 0;
  bool failed_ = false;
  Steady::time_point begun_;
  Steady::time_point next_;
  IdleReport report_;
};

}  // namespace

IdleReport run_idle(const IdlePlan& plan, const std::vector<LoadDevice*>& devices, asio::ssl::context& tls) {
  return IdleRun(plan, devices, tls).run();
}

std::string IdleReport::to_json() const {
  return boost::json::serialize(boost::json::object{{"sockets", sockets},
                                                    {"opened_per_second", opened_per_second},
                                                    {"server_bytes_before", server_bytes_before},
                                                    {"server_bytes", server_bytes}});
}

}  // namespace wardline::client
