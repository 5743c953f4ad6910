#include "server/audit/sequencer_thread.h"

#include "server/core/log.h"

namespace wardline::audit {
namespace {

// Between portions of a second's entries, and how many there are at most in one step: where entries come
// faster than that, the rest is worked off at once, so that signing keeps up.
constexpr std::chrono::milliseconds kRest(10);
constexpr int kRests = 50;

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
    int rests_left = kRests;
    const auto step = sequencer_.step([&] {
      if (rests_left-- > 0) pause(kRest);
    });
    note(step);
    if (step && step->more && !stopped()) continue;
    if (pause(interval_)) break;
  }
  if (const auto finished = sequencer_.finish(); !finished) note(std::unexpected(finished.error()));
}

// So long, or until the end: true.
bool SequencerThread::pause(std::chrono::milliseconds how_long) {
  std::unique_lock guard(mutex_);
  return wake_.wait_for(guard, how_long, [&] { return stop_; });
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
