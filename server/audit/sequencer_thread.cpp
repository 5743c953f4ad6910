#include "server/audit/sequencer_thread.h"

#include "server/core/log.h"

namespace wardline::audit {

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
  std::unique_lock guard(mutex_);
  return wake_.wait_for(guard, interval_, [&] { return stop_; });
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
