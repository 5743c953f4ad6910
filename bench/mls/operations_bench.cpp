// What a member pays, and what a delivery service pays to follow. The first argument is N, the second the
// cipher suite.
#include <bit>

#include "bench/mls/groups.h"
#include "bench/mls/measurement.h"
#include "lib/mls/public/public_group.h"

namespace wardline::mls {
namespace {

using bench::measure;

CipherSuite suite_of(const benchmark::State& state) { return static_cast<CipherSuite>(state.range(1)); }

template <class Kind>
Kind& group_for(const benchmark::State& state) {
  return group_of<Kind>(suite_of(state), static_cast<std::uint32_t>(state.range(0)));
}

std::uint64_t levels_of(std::uint64_t members) { return std::bit_width(members - 1); }

void key_package(benchmark::State& state) {
  const TestMember member(*crypto::find_suite(suite_of(state)), "member");
  measure(state, member.suite, {.sign = 2}, [&] { return member.bundle(); });
}

/// From nothing to a commit, its Welcome and the GroupInfo for the delivery service. N are added.
void create_and_add(benchmark::State& state) {
  auto& fresh = group_for<FreshGroup>(state);
  const std::uint64_t added = fresh.bundles.size();
  CommitRequest request;
  measure(
      state, fresh.suite, {.sign = 4, .verify = 2 * added, .agree = added},
      [&] { request = fresh.add_all(); },
      [&] {
        Group group = fresh.create_group();
        auto sent = must(group.commit(std::move(request), fresh.creator.signer, fresh.environment));
        if (!group.merge_pending()) std::abort();
        return std::pair(std::move(group), std::move(sent));
      });
}

/// By the Welcome of such a commit: into a group of N + 1.
void join(benchmark::State& state) {
  auto& fresh = group_for<FreshGroup>(state);
  const std::uint64_t members = fresh.bundles.size() + 1;
  measure(state, fresh.suite, {.verify = members + 1, .agree = 1},
          [&] { return must(Group::join(fresh.welcome(), fresh.bundles.front(), {}, fresh.environment)); });
}

/// A commit with a path and nothing else, made anew each time; then it is discarded.
void create_update(benchmark::State& state, TestWorld& world, Group& group, const crypto::Signer& signer,
                   std::uint64_t ciphertexts) {
  measure(
      state, world.suite, {.sign = 3, .agree = ciphertexts}, [&] { group.discard_pending(); },
      [&] { return must(group.commit({.with_path = true}, signer, world.environment)); });
  group.discard_pending();
}

void update_create(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  create_update(state, warm, *warm.first().group, warm.first().signer, levels_of(warm.members.size()));
}

/// In a group without a single parent the path is sealed to every member.
void update_create_blank(benchmark::State& state) {
  auto& fresh = group_for<FreshGroup>(state);
  Group group = fresh.create_group();
  must(group.commit(fresh.add_all(), fresh.creator.signer, fresh.environment));
  if (!group.merge_pending()) std::abort();
  create_update(state, fresh, group, fresh.creator.signer, fresh.bundles.size());
}

void update_process(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const auto sent = warm.commit_by_first({.with_path = true});
  measure(state, warm.suite, {.verify = 2, .agree = 1},
          [&] { return must(warm.last().group->receive(sent.commit, warm.environment)); });
}

void add_process(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const auto sent = warm.commit_by_first(warm.add_newcomer());
  measure(state, warm.suite, {.verify = 3},
          [&] { return must(warm.last().group->receive(sent.commit, warm.environment)); });
}

void protect_1kib(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const Bytes text(1024, 'x');
  measure(state, warm.suite, {.sign = 1},
          [&] { return must(warm.first().group->protect(text, {}, warm.first().signer)); });
}

void unprotect_1kib(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const Bytes text(1024, 'x');
  std::optional<MlsMessage> message;
  measure(
      state, warm.suite, {.verify = 1},
      [&] { message = must(warm.first().group->protect(text, {}, warm.first().signer)); },
      [&] { return must(warm.last().group->receive(*message, warm.environment)); });
}

void serialize(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const SealingKey key = SealingKey::generate();
  measure(state, warm.suite, {}, [&] { return must(warm.first().group->serialize(key)); });
  state.counters["bytes"] = static_cast<double>(must(warm.first().group->serialize(key)).size());
}

/// What a message changes: sealed after each.
void serialize_ratchets(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const SealingKey key = SealingKey::generate();
  measure(state, warm.suite, {}, [&] { return must(warm.first().group->serialize_ratchets(key)); });
}

void load(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const SealingKey key = SealingKey::generate();
  const Bytes sealed = must(warm.first().group->serialize(key));
  measure(state, warm.suite, {}, [&] { return must(Group::load(key, sealed)); });
}

PublicGroup follow(WarmGroup& warm) {
  return must(PublicGroup::create(warm.group_info(), warm.first().group->tree().to_wire(), warm.validation));
}

void public_follow(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const GroupInfo info = warm.group_info();
  const RatchetTreeWire tree = warm.first().group->tree().to_wire();
  measure(state, warm.suite, {.verify = warm.members.size() + 1},
          [&] { return must(PublicGroup::create(info, tree, warm.validation)); });
}

/// From the bytes on the wire to what would change.
void validate(benchmark::State& state, CommitRequest request, std::uint64_t verifications) {
  auto& warm = group_for<WarmGroup>(state);
  const PublicGroup group = follow(warm);
  const Bytes wire = tls::encode(warm.commit_by_first(std::move(request)).commit);
  measure(state, warm.suite, {.verify = verifications}, [&] {
    const auto verified = must(group.verify(must(ReceivedMessage::decode(wire, warm.validation.limits))));
    return must(group.stage(verified, warm.validation));
  });
}

void public_validate_update(benchmark::State& state) { validate(state, {.with_path = true}, 2); }
void public_validate_add(benchmark::State& state) {
  validate(state, group_for<WarmGroup>(state).add_newcomer(), 3);
}
void public_validate_remove(benchmark::State& state) {
  CommitRequest request;
  request.proposals.push_back({Remove{{1}}});
  validate(state, std::move(request), 2);
}

void public_save(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const PublicGroup group = follow(warm);
  measure(state, warm.suite, {}, [&] { return group.save(); });
}

void public_restore(benchmark::State& state) {
  auto& warm = group_for<WarmGroup>(state);
  const Bytes saved = follow(warm).save();
  measure(state, warm.suite, {}, [&] { return must(PublicGroup::restore(saved)); });
}

/// Suite 2 is the default. Suites 1 and 7 are measured at the sizes of which there are figures of others.
void sizes(benchmark::internal::Benchmark* one, std::initializer_list<std::int64_t> two,
           std::initializer_list<std::int64_t> others) {
  one->UseManualTime()->Unit(benchmark::kMicrosecond);
  for (const std::int64_t size : two) one->Args({size, 2});
  for (const std::int64_t suite : {1, 7}) {
    for (const std::int64_t size : others) one->Args({size, suite});
  }
}

// Iterations are given, so that setting up is done once. They are those of one turn: `script/bench mls` takes
// several.
void fast(benchmark::internal::Benchmark* one) {
  sizes(one, {100, 1000}, {100});
  one->Iterations(250);
}
void own(benchmark::internal::Benchmark* one) {
  sizes(one, {1}, {1});
  one->Iterations(250);
}
void small(benchmark::internal::Benchmark* one) {
  sizes(one, {2, 10}, {2, 10});
  one->Iterations(25);
}
void medium(benchmark::internal::Benchmark* one) {
  sizes(one, {100}, {100});
  one->Iterations(9);
}
void large(benchmark::internal::Benchmark* one) {
  sizes(one, {500, 1000}, {});
  one->Iterations(3);
}
void stored(benchmark::internal::Benchmark* one) {
  sizes(one, {100, 1000}, {});
  one->Iterations(25);
}

BENCHMARK(key_package)->Apply(own);
BENCHMARK(create_and_add)->Apply(small);
BENCHMARK(create_and_add)->Apply(medium);
BENCHMARK(create_and_add)->Apply(large);
BENCHMARK(join)->Apply(small);
BENCHMARK(join)->Apply(medium);
BENCHMARK(join)->Apply(large);
BENCHMARK(update_create)->Apply(fast);
BENCHMARK(update_process)->Apply(fast);
BENCHMARK(add_process)->Apply(fast);
BENCHMARK(update_create_blank)->Apply(medium);
BENCHMARK(update_create_blank)->Apply(large);
BENCHMARK(protect_1kib)->Apply(fast);
BENCHMARK(unprotect_1kib)->Apply(fast);
BENCHMARK(public_follow)->Apply(medium);
BENCHMARK(public_follow)->Apply(large);
BENCHMARK(public_validate_update)->Apply(fast);
BENCHMARK(public_validate_add)->Apply(fast);
BENCHMARK(public_validate_remove)->Apply(fast);
BENCHMARK(serialize)->Apply(stored);
BENCHMARK(serialize_ratchets)->Apply(stored);
BENCHMARK(load)->Apply(stored);
BENCHMARK(public_save)->Apply(stored);
BENCHMARK(public_restore)->Apply(stored);

}  // namespace
}  // namespace wardline::mls
