// Runs the sequencer about once a second on a thread of its own, for the life of the server.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/audit/sequencer.h"

namespace wardline::audit {

class SequencerThread {
 public:
  explicit SequencerThread(Sequencer sequencer, std::chrono::milliseconds interval = std::chrono::seconds(1));
  /// Signs what is left and hands over to another node.
  ~SequencerThread();
  SequencerThread(const SequencerThread&) = delete;
  SequencerThread& operator=(const SequencerThread&) = delete;

  /// What keeps the log from growing, if anything does: for readiness and alerts. Entries wait in the
  /// database meanwhile.
  std::optional<core::Error> trouble() const;

 private:
  void run();
  bool pause(std::chrono::milliseconds how_long);
  bool stopped() const;
  void note(const core::Result<Sequencer::Step>& step);

  Sequencer sequencer_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::optional<core::Error> trouble_;
  std::thread thread_;
};

}  // namespace wardline::audit
