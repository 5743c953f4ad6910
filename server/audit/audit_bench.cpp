// What an audit entry costs: on the way of a message, in the sequencer, and when somebody verifies the log.
#include <benchmark/benchmark.h>

#include "server/audit/audit_world_test.h"

namespace wardline::audit {
namespace {

Entry send_entry() {
  policy::Subject subject{.user = core::new_id<core::UserId>(),
                          .session = core::new_id<core::SessionId>(),
                          .device = core::new_id<core::DeviceId>()};
  Entry entry = Entry::by(subject, policy::Action::message_send, Outcome::done, {1'700'000'000'000'000});
  const auto conversation = core::new_id<core::ConversationId>();
  entry.network = Network::of_address(Bytes{10, 1, 2, 3});
  entry.objects = {Object::message(conversation, 7)};
  return entry;
}

std::vector<Entry> send_entries(std::size_t count) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(send_entry());
  return entries;
}

void append_all(AuditWorld& world, std::span<const Entry> entries) {
  const auto done = world.database->write([&](storage::Transaction& tx) -> core::Result<void> {
    append(tx, entries);
    return {};
  });
  if (!done) throw std::runtime_error(done.error().detail);
}

void encode_entry(benchmark::State& state) {
  const Entry entry = send_entry();
  for (auto _ : state) benchmark::DoNotOptimize(encode(entry));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(encode_entry);

/// Alone in its transaction, so that the price of a durable commit is in it. Argument: entries in one
/// transaction.
void append_entries(benchmark::State& state) {
  AuditWorld world(storage::Engine::sqlite);
  const std::vector<Entry> entries = send_entries(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) append_all(world, entries);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_entries)->Arg(1)->Arg(64)->Arg(256)->UseRealTime();

/// A second's work at this rate: order, hash, tiles, flush, signature.
void sequence(benchmark::State& state) {
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  Sequencer sequencer = world.sequencer(*files, {.batch = 100'000});
  const std::vector<Entry> entries = send_entries(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    append_all(world, entries);
    state.ResumeTiming();
    if (!sequencer.step()) state.SkipWithError("the sequencer failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sequence)->Arg(1)->Arg(1000)->Arg(20'000)->UseRealTime()->Iterations(8);

void verify(benchmark::State& state) {
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  append_all(world, send_entries(100'000));
  Sequencer sequencer = world.sequencer(*files);
  if (!sequencer.finish()) state.SkipWithError("the sequencer failed");
  for (auto _ : state) {
    if (world.verdict(*files) != "whole") state.SkipWithError("not whole");
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(verify)->UseRealTime()->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wardline::audit
