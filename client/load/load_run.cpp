#include "client/load/load_run.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include <boost/asio/steady_timer.hpp>

#include "client/load/process_figures.h"
#include "client/load/sender.h"

namespace wardline::client {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

class LoadRun {
 public:
  LoadRun(const LoadPlan& plan, const std::vector<LoadParticipant>& senders, asio::ssl::context& tls,
          std::optional<Ledger> ledger, LedgerContent before)
      : plan_(plan), ledger_(std::move(ledger)), before_(std::move(before)), timer_(loop_) {
    for (const LoadParticipant& sender : senders) {
      senders_.push_back(
          std::make_unique<LoadSender>(plan_, sender, ledger_ ? &*ledger_ : nullptr, loop_, tls));
      senders_.back()->start_after(before_.last_sequence_of(sender.conversation.id));
    }
  }

  LoadReport run() {
    for (auto& sender : senders_) {
      sender->open(
          [this] {
            if (++ready_ == senders_.size()) begin();
          },
          [this](std::string_view why) {
            if (ending_) return;
            cut_off_ = true;
            if (!ledger_)
              std::fprintf(stderr, "A socket was closed: %.*s\n", static_cast<int>(why.size()), why.data());
            loop_.stop();
          });
    }
    loop_.run();
    if (ledger_)
      for (auto& sender : senders_) sender->note_unanswered();
    return report();
  }

 private:
  void begin() {
    for (const UnansweredSend& unanswered : before_.unanswered)
      for (auto& sender : senders_)
        if (sender->sender().device.account.device_id == unanswered.device) sender->send_again(unanswered);
    if (plan_.rate > 0) {
      next_tick_ = std::chrono::steady_clock::now();
      tick();
    } else {
      for (auto& sender : senders_) {
        sender->keep_sending(true);
        while (sender->send_one()) {
        }
      }
    }
    after(plan_.warm_up, [this] {
      for (auto& sender : senders_) sender->measure(true);
      started_ = std::chrono::steady_clock::now();
      cpu_before_ = cpu_seconds_of(plan_.server_pid);
      after(plan_.duration, [this] { end(); });
    });
  }

  /// An open-loop load: so many sends each millisecond, round robin, whatever the answers do.
  void tick() {
    if (ending_) return;
    const SteadyTime due = next_tick_;
    next_tick_ += milliseconds(1);
    owed_ += plan_.rate / 1000;
    for (; owed_ >= 1; owed_ -= 1) senders_[turn_++ % senders_.size()]->send_one(due);
    rate_timer_.expires_at(next_tick_);
    rate_timer_.async_wait([this](boost::system::error_code) { tick(); });
  }

  void end() {
    measured_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
    cpu_after_ = cpu_seconds_of(plan_.server_pid);
    for (auto& sender : senders_) {
      sender->measure(false);
      sender->keep_sending(false);
    }
    ending_ = true;
    settle(100);
  }

  /// Waits for the last answers and deliveries before looking for what is missing.
  void settle(int rounds) {
    const bool quiet =
        std::ranges::all_of(senders_, [](const auto& sender) { return sender->waiting() == 0; });
    if (rounds == 0 || (quiet && rounds < 95)) {
      for (auto& sender : senders_) sender->close();
      return after(milliseconds(200), [this] { loop_.stop(); });
    }
    after(milliseconds(50), [this, rounds] { settle(rounds - 1); });
  }

  void after(std::chrono::steady_clock::duration span, std::function<void()> then) {
    timer_.expires_after(span);
    timer_.async_wait([then = std::move(then)](boost::system::error_code bad) {
      if (!bad) then();
    });
  }

  LoadReport report() {
    LoadReport report{
        .senders = senders_.size(), .in_flight = plan_.in_flight, .seconds = measured_, .cut_off = cut_off_};
    report.server_cpu_seconds = cpu_after_ - cpu_before_;
    // By conversation: what was acknowledged to anybody, and how far each of its devices has been delivered
    // to.
    std::map<std::string, std::vector<std::int64_t>> acknowledged;
    std::map<std::string, std::int64_t> delivered;
    for (auto& sender : senders_) {
      SenderCounts& counts = sender->counts();
      report.acknowledged += counts.acknowledged;
      report.refused += counts.refused;
      report.doubled += counts.doubled;
      report.reordered += counts.reordered;
      report.latencies_us.insert(report.latencies_us.end(), counts.latencies_us.begin(),
                                 counts.latencies_us.end());
      auto& sequences = acknowledged[sender->sender().conversation.id];
      sequences.insert(sequences.end(), counts.acknowledged_sequences.begin(),
                       counts.acknowledged_sequences.end());
      auto [at, is_new] = delivered.try_emplace(sender->sender().conversation.id, counts.last_delivered);
      at->second = std::min(at->second, counts.last_delivered);
    }
    for (auto& [conversation, sequences] : acknowledged) {
      std::ranges::sort(sequences);
      const auto repeated = std::ranges::unique(sequences);
      report.doubled += repeated.size();  // Two messages under one number.
      // Who was cut off could not be delivered to any more: the ledger is compared with the log instead.
      if (cut_off_) continue;
      report.lost += static_cast<std::uint64_t>(
          std::count_if(sequences.begin(), repeated.begin(),
                        [&](std::int64_t one) { return one > delivered[conversation]; }));
    }
    return report;
  }

  const LoadPlan& plan_;
  std::optional<Ledger> ledger_;
  const LedgerContent before_;
  asio::io_context loop_{1};
  asio::steady_timer timer_;
  asio::steady_timer rate_timer_{loop_};
  std::vector<std::unique_ptr<LoadSender>> senders_;
  std::size_t ready_ = 0;
  std::size_t turn_ = 0;
  double owed_ = 0;
  SteadyTime next_tick_;
  SteadyTime started_;
  double measured_ = 0;
  double cpu_before_ = 0;
  double cpu_after_ = 0;
  bool ending_ = false;
  bool cut_off_ = false;
};

}  // namespace

std::optional<LoadReport> run_load(const LoadPlan& plan, const std::vector<LoadParticipant>& senders,
                                   asio::ssl::context& tls) {
  if (plan.record.empty()) return LoadRun(plan, senders, tls, std::nullopt, {}).run();
  auto before = read_ledger(plan.record);
  auto ledger = Ledger::open(plan.record);
  if (!before || !ledger) return std::nullopt;
  return LoadRun(plan, senders, tls, std::move(ledger), std::move(*before)).run();
}

}  // namespace wardline::client
