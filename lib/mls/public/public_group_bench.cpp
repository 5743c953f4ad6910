// What a delivery service pays to follow a group: the argument is the number of members, all of whom have
// committed.
#include <benchmark/benchmark.h>

#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

TestGroup grown_group(benchmark::State& state) {
  TestGroup group(static_cast<std::uint32_t>(state.range(0)), CipherSuite::p256_aes128gcm_sha256_p256);
  for (std::uint32_t i = 0; i < state.range(0); ++i) group.rekey({i});
  return group;
}

void start_to_follow(benchmark::State& state) {
  TestGroup group = grown_group(state);
  const GroupInfo info = group.make_group_info();
  const RatchetTreeWire tree = group.tree->to_wire();
  for (auto _ : state) benchmark::DoNotOptimize(PublicGroup::create(info, tree, group.validation()));
}

void verify_and_stage(benchmark::State& state, const CommitPlan& plan) {
  TestGroup group = grown_group(state);
  if (!group.follow()) return state.SkipWithError("cannot follow");
  const PublicMessage commit = group.make_commit(plan);
  if (!group.stage_message(commit)) return state.SkipWithError("cannot stage");
  for (auto _ : state) benchmark::DoNotOptimize(group.stage_message(commit));
}

void commit_with_path(benchmark::State& state) { verify_and_stage(state, {}); }
void commit_that_removes(benchmark::State& state) {
  verify_and_stage(state, {.proposals = {by_value({Remove{{1}}})}});
}

void commit_that_adds(benchmark::State& state) {
  TestGroup group = grown_group(state);
  if (!group.follow()) return state.SkipWithError("cannot follow");
  const KeyPackage newcomer = group.make_key_package(group.client("newcomer"));
  const PublicMessage commit = group.make_commit({.proposals = {by_value({Add{newcomer}})}, .path = false});
  for (auto _ : state) benchmark::DoNotOptimize(group.stage_message(commit));
}

void save_and_restore(benchmark::State& state) {
  TestGroup group = grown_group(state);
  if (!group.follow()) return state.SkipWithError("cannot follow");
  for (auto _ : state) benchmark::DoNotOptimize(PublicGroup::restore(group.group->save()));
}

BENCHMARK(start_to_follow)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(commit_with_path)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(commit_that_removes)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(commit_that_adds)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(save_and_restore)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wardline::mls
