#include "server/http/worker_pool.h"

#include <array>
#include <cstring>
#include <exception>

#include "lib/bytes/secret_bytes.h"
#include "server/core/log.h"

namespace wardline::http {
namespace {

/// What a task left on the stack, where short strings live, and in vector registers, where each copy leaves
/// its last bytes: a core shows both, of a thread that waits for its next task (AUD-3).
[[gnu::noinline]] void wipe_stack_below() {
  std::array<std::uint8_t, 64U << 10> below;
  wipe(below);
  // Which registers a copy uses depends on its size and on the processor: copies of zeros use the same.
  for (std::size_t size = 8; size <= below.size() / 2; size *= 2) {
    std::memcpy(below.data() + below.size() / 2, below.data(), size);
    __asm__ __volatile__("" : : "r"(below.data()) : "memory");
  }
}

}  // namespace

WorkerPool::WorkerPool(std::size_t threads, std::size_t most_waiting) : most_waiting_(most_waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkerPool::try_run(Task& task) {
  {
    const std::lock_guard lock(mutex_);
    if (tasks_.size() >= most_waiting_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::run(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

void WorkerPool::work() {
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    try {
      task();
    } catch (const std::exception& exception) {
      core::log::error("worker-task-threw", {{"what", core::log::Technical{exception.what()}}});
    }
    task = nullptr;
    wipe_stack_below();
  }
}

}  // namespace wardline::http
