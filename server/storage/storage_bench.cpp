// What group commit makes of durable appends, on both engines: 600-byte bodies into an append-only table.
// Run it on a quiet machine, from the release preset: nothing else may write to the disk.
#include <atomic>
#include <condition_variable>
#include <cstdio>

#include <benchmark/benchmark.h>

#include "server/storage/group_commit.h"
#include "server/storage/keys/file_kms.h"
#include "server/storage/keys/sealed_column.h"
#include "server/storage/migrations.h"
#include "tests/support/private_postgres.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

constexpr Migration kSchema[] = {
    {9001, "bodies", "CREATE TABLE bodies (id BIGINT PRIMARY KEY, body BYTES NOT NULL);"}};

using Appender = GroupCommit<std::int64_t, std::int64_t>;

// Keeps `in_flight` items on their way: each one that is done sends the next.
class Load {
 public:
  Load(Appender& appender, std::int64_t in_flight) : appender_(appender), in_flight_(in_flight) {}

  void run(std::int64_t items) {
    left_ = items - in_flight_;
    running_ = in_flight_;
    for (std::int64_t i = 0; i < in_flight_; ++i) send();
    std::unique_lock guard(mutex_);
    done_.wait(guard, [&] { return running_ == 0; });
  }
  std::vector<double> latencies_us;

 private:
  void send() {
    const auto start = std::chrono::steady_clock::now();
    const auto queued = appender_.submit(next_++, [this, start](core::Result<std::int64_t> place) {
      if (!place) std::abort();
      latencies_us.push_back(
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
      if (left_-- > 0) return send();
      const std::lock_guard guard(mutex_);
      if (--running_ == 0) done_.notify_one();
    });
    if (!queued) std::abort();
  }
  Appender& appender_;
  const std::int64_t in_flight_;
  std::atomic<std::int64_t> next_ = 1;
  std::atomic<std::int64_t> left_ = 0;
  std::int64_t running_ = 0;
  std::mutex mutex_;
  std::condition_variable done_;
};

void group_commit(benchmark::State& state, Engine engine) {
  if (engine == Engine::postgres && support::PrivatePostgres::instance() == nullptr)
    return state.SkipWithError("not installed");
  support::TestDatabase database(engine, gather({kSchema}));
  const Bytes body(600, 7);
  std::int64_t last = 0;
  Appender appender(*database, [&](Transaction& tx, std::span<const std::int64_t> items) {
    std::vector<ParameterRow> rows;
    Appender::Outcomes outcomes;
    std::int64_t id = last;
    for (std::size_t i = 0; i < items.size(); ++i) {
      rows.push_back({++id, body});
      outcomes.push_back(id);
    }
    tx.execute_many("INSERT INTO bodies (id, body) VALUES ($1, $2)", rows);
    tx.after_commit([&last, id] { last = id; });
    return outcomes;
  });
  constexpr std::int64_t kItems = 100'000;
  std::vector<double> latencies;
  for (auto _ : state) {
    Load load(appender, state.range(0));
    load.run(state.range(0) == 1 ? kItems / 10 : kItems);
    latencies.insert(latencies.end(), load.latencies_us.begin(), load.latencies_us.end());
  }
  std::ranges::sort(latencies);
  state.counters["p50_us"] = latencies[latencies.size() / 2];
  state.counters["p99_us"] = latencies[latencies.size() * 99 / 100];
  state.SetItemsProcessed(static_cast<std::int64_t>(latencies.size()));
}

void BM_GroupCommitSqlite(benchmark::State& state) { group_commit(state, Engine::sqlite); }
void BM_GroupCommitPostgres(benchmark::State& state) { group_commit(state, Engine::postgres); }
BENCHMARK(BM_GroupCommitSqlite)
    ->Arg(1)
    ->Arg(8)
    ->Arg(64)
    ->Arg(256)
    ->Iterations(3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_GroupCommitPostgres)
    ->Arg(1)
    ->Arg(8)
    ->Arg(64)
    ->Arg(256)
    ->Iterations(3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_ReadOneRowSqlite(benchmark::State& state) {
  support::TestDatabase database(Engine::sqlite, gather({kSchema}));
  const Bytes body(600, 7);
  static_cast<void>(database->write([&](Transaction& tx) -> core::Result<void> {
    for (int i = 0; i < 10'000; ++i) tx.execute("INSERT INTO bodies (id, body) VALUES ($1, $2)", i, body);
    return {};
  }));
  int id = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(database->read([&](ReadTransaction& tx) -> core::Result<Bytes> {
      return *tx.query_value<Bytes>("SELECT body FROM bodies WHERE id = $1", id++ % 10'000);
    }));
  }
}
BENCHMARK(BM_ReadOneRowSqlite);

void BM_SealAndOpen600Bytes(benchmark::State& state) {
  const support::TemporaryDirectory directory;
  support::TestDatabase database(Engine::sqlite, gather({migrations()}));
  const auto kms = std::move(*FileKms::create(directory.path() / "kms.key"));
  const core::SystemClock clock;
  KeyRing ring(*kms, clock);
  const SealedColumn column(ring, "bench", "bodies", "body");
  const Bytes body(600, 7);
  const Bytes row(16, 1);
  // One transaction each, as in a batch: the key comes from the cache after the first.
  for (int warm = 0; warm < 2; ++warm) {
    static_cast<void>(database->write([&](Transaction& tx) -> core::Result<void> {
      static_cast<void>(column.seal(tx, row, row, body));
      return {};
    }));
  }
  static_cast<void>(database->write([&](Transaction& tx) -> core::Result<void> {
    for (auto _ : state) benchmark::DoNotOptimize(column.open(tx, row, column.seal(tx, row, row, body)));
    return {};
  }));
}
BENCHMARK(BM_SealAndOpen600Bytes);

}  // namespace
}  // namespace wardline::storage
