// What a group takes in memory: what the allocator has given out (OpenSSL's objects included) with a few copies
// of the group, per copy. "cold": from storage, before anything has been computed; "warm": after joining or
// starting to follow, and some commits.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "bench/mls/groups.h"
#include "lib/mls/public/public_group.h"

namespace wardline::mls {
namespace {

constexpr std::size_t kCopies = 4;
constexpr int kCommits = 4;  // One more than the past epochs that are kept.

double allocated() {
  const struct mallinfo2 now = mallinfo2();
  return static_cast<double>(now.uordblks) + static_cast<double>(now.hblkhd);
}

/// Reports what one of the things that `make` makes takes.
template <class Make>
void weigh(benchmark::State& state, const Make& make) {
  make();  // Whatever is made once per process has been made now.
  for (auto _ : state) {
    std::vector<decltype(make())> kept;
    kept.reserve(kCopies);
    const double before = allocated();
    for (std::size_t i = 0; i < kCopies; ++i) kept.push_back(make());
    state.counters["bytes"] = (allocated() - before) / static_cast<double>(kCopies);
    state.counters["bytes_per_member"] = state.counters["bytes"] / static_cast<double>(state.range(0));
  }
}

WarmGroup& warm_for(const benchmark::State& state) {
  return group_of<WarmGroup>(static_cast<CipherSuite>(state.range(1)),
                             static_cast<std::uint32_t>(state.range(0)));
}

/// A copy of a member's group as it comes from storage.
Group stored_copy(TestMember& member) {
  const SealingKey key = SealingKey::generate();
  return must(Group::load(key, must(member.group->serialize(key))));
}

std::vector<MlsMessage> commits_of(WarmGroup& warm) {
  Group group = stored_copy(warm.first());
  std::vector<MlsMessage> commits;
  for (int i = 0; i < kCommits; ++i) {
    commits.push_back(must(group.commit({.with_path = true}, warm.first().signer, warm.environment)).commit);
    if (!group.merge_pending()) std::abort();
  }
  return commits;
}

PublicGroup follow(WarmGroup& warm) {
  return must(
      PublicGroup::create(warm.group_info(), warm.first().group->tree().to_wire(), warm.validation));
}

void memory_member_cold(benchmark::State& state) {
  auto& warm = warm_for(state);
  weigh(state, [&] { return stored_copy(warm.last()); });
}

void memory_member_warm(benchmark::State& state) {
  auto& warm = warm_for(state);
  const auto commits = commits_of(warm);
  weigh(state, [&] {
    Group group = stored_copy(warm.last());
    for (const MlsMessage& commit : commits) {
      auto event = must(group.receive(commit, warm.environment));
      if (!group.merge(std::move(std::get<ReceivedCommit>(event)))) std::abort();
    }
    return group;
  });
}

void memory_member_joined(benchmark::State& state) {
  auto& fresh = group_of<FreshGroup>(static_cast<CipherSuite>(state.range(1)),
                                     static_cast<std::uint32_t>(state.range(0)));
  weigh(state,
        [&] { return must(Group::join(fresh.welcome(), fresh.bundles.front(), {}, fresh.environment)); });
}

void memory_public_cold(benchmark::State& state) {
  const Bytes saved = follow(warm_for(state)).save();
  weigh(state, [&] { return must(PublicGroup::restore(saved)); });
}

void memory_public_warm(benchmark::State& state) {
  auto& warm = warm_for(state);
  const auto commits = commits_of(warm);
  weigh(state, [&] {
    PublicGroup group = follow(warm);
    for (const MlsMessage& commit : commits) {
      const auto verified = must(group.verify(ReceivedMessage(*commit.as<PublicMessage>())));
      if (!group.apply(must(group.stage(verified, warm.validation)))) std::abort();
    }
    return group;
  });
}

void sizes(benchmark::internal::Benchmark* one) { one->Args({100, 2})->Args({1000, 2})->Iterations(1); }

BENCHMARK(memory_member_cold)->Apply(sizes);
BENCHMARK(memory_member_warm)->Apply(sizes);
BENCHMARK(memory_member_joined)->Apply(sizes);
BENCHMARK(memory_public_cold)->Apply(sizes);
BENCHMARK(memory_public_warm)->Apply(sizes);

}  // namespace
}  // namespace wardline::mls
