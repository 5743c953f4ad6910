// Many small durable writes in few transactions: items from all threads are committed together.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "server/core/burst.h"
#include "server/core/log.h"
#include "server/storage/database.h"

namespace wardline::storage {

struct GroupCommitLimits {
  std::size_t queued = 4096;  ///< Items that may wait; more are refused with "overloaded".
  std::size_t batch = 256;    ///< Items in one transaction.
};

/// One committer thread takes whatever has gathered while the last commit was being written: a batch of one
/// under light load, large ones under heavy load, never a timer (DESIGN §4).
///
/// `commit_batch` writes the items, in the order in which they came, into the transaction and returns one
/// result for each. An item whose result is an error must have written nothing (or within
/// Transaction::attempt()): the others commit all the same. It may run more than once for an item, also in
/// other company. A batch that fails because a key is taken runs again once as it is: `commit_batch` may look
/// then for what it took for new. What fails otherwise, or again, is tried in halves, so that one item which
/// the database refuses cannot take its neighbours along.
template <class Item, class Outcome>
class GroupCommit {
 public:
  using Outcomes = std::vector<core::Result<Outcome>>;
  using CommitBatch = std::function<Outcomes(Transaction&, std::span<const Item>)>;
  /// Called once, on the committer thread, after the commit is durable or has failed. Must be quick (hand
  /// over to an executor) and must not throw.
  using Done = std::move_only_function<void(core::Result<Outcome>)>;

  GroupCommit(Database& database, CommitBatch commit_batch, GroupCommitLimits limits = {})
      : database_(database),
        commit_batch_(std::move(commit_batch)),
        limits_(limits),
        thread_([this] { run(); }) {}

  /// Commits what is still queued, then stops.
  ~GroupCommit() {
    {
      const std::lock_guard guard(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  /// Queues `item`. Error "overloaded" when too many wait: then `done` is never called.
  core::Result<void> submit(Item item, Done done) {
    {
      const std::lock_guard guard(mutex_);
      if (stop_ || queue_.items.size() >= limits_.queued) {
        return core::fail(core::ErrorKind::unavailable, "overloaded",
                          "Too many writes are waiting. Try again in a moment.");
      }
      queue_.items.push_back(std::move(item));
      queue_.done.push_back(std::move(done));
    }
    wake_.notify_one();
    return {};
  }

  /// The same for callers that may block.
  core::Result<Outcome> commit(Item item) {
    std::promise<core::Result<Outcome>> promise;
    auto outcome = promise.get_future();
    const auto queued = submit(
        std::move(item), [&promise](core::Result<Outcome> result) { promise.set_value(std::move(result)); });
    if (!queued) return std::unexpected(queued.error());
    return outcome.get();
  }

 private:
  struct Queue {
    std::vector<Item> items;
    std::vector<Done> done;
  };

  void run() {
    Queue taken;
    for (;;) {
      {
        std::unique_lock guard(mutex_);
        wake_.wait(guard, [&] { return stop_ || !queue_.items.empty(); });
        if (queue_.items.empty()) return;
        std::swap(taken, queue_);
      }
      for (std::size_t first = 0; first < taken.items.size(); first += limits_.batch) {
        const std::size_t count = std::min(limits_.batch, taken.items.size() - first);
        commit_range(std::span(taken.items).subspan(first, count),
                     std::span(taken.done).subspan(first, count));
      }
      taken.items.clear();
      taken.done.clear();
    }
  }

  enum class KeyTaken : std::uint8_t { tried_again, refused };

  void commit_range(std::span<const Item> items, std::span<Done> done,
                    KeyTaken when_taken = KeyTaken::tried_again) {
    core::Result<void> committed = commit_together(items, done);
    // The one conflict that comes from the database and not from an item (StorageFailure::to_error).
    if (when_taken == KeyTaken::tried_again && !committed &&
        committed.error().kind == core::ErrorKind::conflict) {
      when_taken = KeyTaken::refused;
      committed = commit_together(items, done);
    }
    if (committed) return;
    // A full disk or a missing database is nobody's fault: smaller batches would only take longer to find
    // out.
    const core::ErrorKind kind = committed.error().kind;
    const bool for_all = kind == core::ErrorKind::storage_full || kind == core::ErrorKind::unavailable;
    if (for_all || items.size() == 1) {
      for (Done& one : done) tell(one, std::unexpected(committed.error()));
      return;
    }
    const std::size_t half = items.size() / 2;
    commit_range(items.first(half), done.first(half), when_taken);
    commit_range(items.subspan(half), done.subspan(half), when_taken);
  }

  /// One transaction, and the answers to all that came of it.
  core::Result<void> commit_together(std::span<const Item> items, std::span<Done> done) {
    const core::Burst burst;  // Whoever hears of many items is woken once.
    core::Result<Outcomes> outcomes = write(items);
    if (!outcomes) return std::unexpected(std::move(outcomes.error()));
    for (std::size_t i = 0; i < items.size(); ++i) tell(done[i], std::move((*outcomes)[i]));
    return {};
  }

  core::Result<Outcomes> write(std::span<const Item> items) {
    try {
      return database_.write([&](Transaction& tx) -> core::Result<Outcomes> {
        Outcomes outcomes = commit_batch_(tx, items);
        if (outcomes.size() != items.size()) return bug();
        return outcomes;
      });
    } catch (const std::exception&) {
      return bug();
    }
  }

  static std::unexpected<core::Error> bug() {
    core::log::error("group-commit-bug");
    return core::fail(core::ErrorKind::internal, "group-commit-bug", "The write failed inside the server.");
  }

  static void tell(Done& done, core::Result<Outcome> result) noexcept { done(std::move(result)); }

  Database& database_;
  const CommitBatch commit_batch_;
  const GroupCommitLimits limits_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Queue queue_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace wardline::storage
