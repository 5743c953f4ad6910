#include "server/audit/sequencer_thread.h"

#include "server/core/log.h"

namespace wardline::audit {
namespace {

// How often entries get their places between steps: in small portions, since senders of messages wait while
// the database writes a large one.
constexpr std::chrono::milliseconds kPlacing{100};

}  // namespace

SequencerThread::SequencerThread(Sequencer sequencer, std::chrono::milliseconds interval)
    : sequencer_(std::move(sequencer)), interval_(interval), thread_([this] { run(); }) {}

SequencerThread::~SequencerThread() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::optional<core::Error> SequencerThread::trouble() const {
  const std::lock_guard guard(mutex_);
  return trouble_;
}

void SequencerThread::run() {
  for (;;) {
    const auto step = sequencer_.step();
    note(step);
    if (step && step->more && !stopped()) continue;
    if (pause()) break;
  }
  if (const auto finished = sequencer_.finish(); !finished) note(std::unexpected(finished.error()));
}

// Until the next step, or the end: true.
bool SequencerThread::pause() {
  const auto until = std::chrono::steady_clock::now() + interval_;
  std::unique_lock guard(mutex_);
  for (;;) {
    const auto soon = std::min(until, std::chrono::steady_clock::now() + kPlacing);
    if (wake_.wait_until(guard, soon, [&] { return stop_; })) return true;
    if (soon == until) return false;
    guard.unlock();
    (void)sequencer_.place();  // What stops it stops the next step too, which says so.
    guard.lock();
  }
}

bool SequencerThread::stopped() const {
  const std::lock_guard guard(mutex_);
  return stop_;
}

void SequencerThread::note(const core::Result<Sequencer::Step>& step) {
  const std::lock_guard guard(mutex_);
  const bool is_news = !step && (!trouble_ || trouble_->code != step.error().code);
  if (is_news)
    core::log::error("audit-log-stalled",
                     {{"log", sequencer_.log().name}, {"code", core::log::Technical{step.error().code}}});
  if (step && trouble_) core::log::info("audit-log-continues", {{"log", sequencer_.log().name}});
  trouble_ = step ? std::optional<core::Error>() : step.error();
}

}  // namespace wardline::audit
