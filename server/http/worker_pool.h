// Threads for what blocks: SQL, password hashing. Bounded, so that overload is an answer and not a pile.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wardline::http {

class WorkerPool {
 public:
  using Task = std::move_only_function<void()>;

  WorkerPool(std::size_t threads, std::size_t most_waiting);
  /// Runs what is queued to its end.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False, and the task stays with the caller, where too many are waiting.
  bool try_run(Task& task);
  /// For follow-up work of something already admitted (catching up a feed): always taken.
  void run(Task task);

  std::size_t waiting() const;

 private:
  void work();

  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace wardline::http
