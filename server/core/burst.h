// What is better done once for many: while a Burst lives on a thread, what would follow each of its small
// steps waits until the Burst ends.
#pragma once

#include <functional>
#include <vector>

namespace wardline::core {

/// One durable batch answers hundreds of senders. Each answer wakes a network thread; within a Burst they are
/// woken once, when all answers are there, and send them together.
class Burst {
 public:
  Burst();
  /// Runs what waits, in the order in which it came. It must not throw.
  ~Burst();
  Burst(const Burst&) = delete;
  Burst& operator=(const Burst&) = delete;

  /// Runs `then` when the outermost Burst of this thread ends; at once where there is none.
  static void at_end(std::move_only_function<void()> then);

 private:
  Burst* const outer_;
  std::vector<std::move_only_function<void()>> waiting_;
};

}  // namespace wardline::core
