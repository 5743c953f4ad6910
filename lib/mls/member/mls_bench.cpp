// What a member pays. The argument is the number of members; suite 2 throughout. "warm": every member has
// committed, so that all parents are filled; otherwise the group is fresh and all of them are blank.
#include <benchmark/benchmark.h>
#include <gtest/gtest.h>

#include "lib/mls/member/member_state_storage.h"
#include "lib/mls/member/test_member.h"

namespace wardline::mls {
namespace {

constexpr auto kSuite = CipherSuite::p256_aes128gcm_sha256_p256;

template <class T>
T must(Result<T> result) {
  if (!result) std::abort();
  return std::move(*result);
}

/// Makes states of members of one group without having everybody process everybody's commits.
struct WarmGroup : TestWorld {
  explicit WarmGroup(std::uint32_t size) : TestWorld(kSuite) {
    RatchetTree tree(suite);
    for (std::uint32_t i = 0; i < size; ++i) {
      TestMember& member = make("member " + std::to_string(i));
      tree.add(member.bundle().key_package().leaf_node);
    }
    std::map<NodeIndex, crypto::HpkePrivateKey> keys;
    const GroupId id = to_bytes(as_bytes("group"));
    for (std::uint32_t i = 0; i < size; ++i) {
      const auto path = must(OwnPath::create(tree, {i}, *tree.leaf({i}), members[i]->signer, id));
      for (std::uint32_t node = 0; tree.contains({node}); ++node) {
        if (const auto* key = path.private_tree().find({node})) keys.insert_or_assign({node}, key->copy());
      }
    }
    GroupContext context{.cipher_suite = kSuite,
                         .group_id = id,
                         .epoch = 7,
                         .tree_hash = to_bytes(tree.tree_hash()),
                         .confirmed_transcript_hash = Bytes(32, 1),
                         .extensions = {}};
    auto parameters = must(GroupParameters::create(context.version, context.cipher_suite));
    const PublicState state{std::move(context), std::move(parameters), std::move(tree), {}, {}, {}};
    for (const std::uint32_t i : {std::uint32_t{0}, size - 1}) enter(state, i, keys);
  }

  TestMember& first() { return *members.front(); }
  TestMember& last() { return *members.back(); }

 private:
  void enter(const PublicState& state, std::uint32_t index,
             const std::map<NodeIndex, crypto::HpkePrivateKey>& keys) {
    PrivateTree own({index}, keys.at(node_of(LeafIndex{index})).copy());
    for (const NodeIndex node : direct_path({index}, state.tree.leaf_count())) {
      if (!state.tree.is_blank(node)) own.set(node, keys.at(node).copy());
    }
    const MemberState ready =
        begin_epoch(state, std::move(own), derive_epoch_secrets(suite, SecretBytes(Bytes(32, 5)).view()));
    // The stored form of an external join is the way in for a state that was made up.
    tls::Writer out;
    tls::write(out, MlsMessage{Welcome{}});
    tls::write(out, MlsMessage{Welcome{}});
    tls::write(out, GroupConfig{});
    write_state(out, ready);
    const SealingKey key = SealingKey::generate();
    const Bytes sealed = must(seal_state(key, SealedKind::external_join, SecretBytes(out.take())));
    members[index]->group.emplace(must(ExternalJoin::unseal(key, sealed)).accept());
  }
};

/// Alice alone, and key packages for `size - 1` others.
struct FreshGroup : TestWorld {
  explicit FreshGroup(std::uint32_t size) : TestWorld(kSuite) {
    create("alice");
    for (std::uint32_t i = 1; i < size; ++i) {
      const TestMember other(suite, "member " + std::to_string(i));
      bundles.push_back(other.bundle());
    }
  }
  TestMember& alice() { return *members.front(); }
  CommitRequest add_all() const {
    CommitRequest request;
    for (const auto& bundle : bundles) request.proposals.push_back({Add{bundle.key_package()}});
    return request;
  }
  std::vector<KeyPackageBundle> bundles;
};

std::uint32_t size_of(const benchmark::State& state) { return static_cast<std::uint32_t>(state.range(0)); }

void key_package(benchmark::State& state) {
  const TestMember member(*crypto::find_suite(kSuite), "member");
  for (auto _ : state) benchmark::DoNotOptimize(member.bundle());
}

void create_and_add(benchmark::State& state) {
  FreshGroup fresh(size_of(state));
  for (auto _ : state) {
    must(fresh.alice().group->commit(fresh.add_all(), fresh.alice().signer, fresh.environment));
    fresh.alice().group->discard_pending();
  }
}

void join(benchmark::State& state) {
  FreshGroup fresh(size_of(state));
  const auto sent =
      must(fresh.alice().group->commit(fresh.add_all(), fresh.alice().signer, fresh.environment));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        must(Group::join(*sent.welcome->as<Welcome>(), fresh.bundles.front(), {}, fresh.environment)));
  }
}

void create_update(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  Group& group = *warm.first().group;
  for (auto _ : state) {
    must(group.commit({.with_path = true}, warm.first().signer, warm.environment));
    group.discard_pending();
  }
}

void process_update(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const auto sent =
      must(warm.first().group->commit({.with_path = true}, warm.first().signer, warm.environment));
  for (auto _ : state)
    benchmark::DoNotOptimize(must(warm.last().group->receive(sent.commit, warm.environment)));
}

void process_add(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const TestMember newcomer(warm.suite, "newcomer");
  CommitRequest request;
  request.proposals.push_back({Add{newcomer.bundle().key_package()}});
  const auto sent =
      must(warm.first().group->commit(std::move(request), warm.first().signer, warm.environment));
  for (auto _ : state)
    benchmark::DoNotOptimize(must(warm.last().group->receive(sent.commit, warm.environment)));
}

void protect_1kib(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const Bytes text(1024, 'x');
  for (auto _ : state)
    benchmark::DoNotOptimize(must(warm.first().group->protect(text, {}, warm.first().signer)));
}

void unprotect_1kib(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const Bytes text(1024, 'x');
  for (auto _ : state) {
    state.PauseTiming();
    const auto message = must(warm.first().group->protect(text, {}, warm.first().signer));
    state.ResumeTiming();
    benchmark::DoNotOptimize(must(warm.last().group->receive(message, warm.environment)));
  }
}

void serialize(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const SealingKey key = SealingKey::generate();
  for (auto _ : state) benchmark::DoNotOptimize(must(warm.first().group->serialize(key)));
  state.counters["bytes"] = static_cast<double>(must(warm.first().group->serialize(key)).size());
}

void serialize_ratchets(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const SealingKey key = SealingKey::generate();
  for (auto _ : state) benchmark::DoNotOptimize(must(warm.first().group->serialize_ratchets(key)));
}

void load(benchmark::State& state) {
  WarmGroup warm(size_of(state));
  const SealingKey key = SealingKey::generate();
  const Bytes sealed = must(warm.first().group->serialize(key));
  for (auto _ : state) benchmark::DoNotOptimize(must(Group::load(key, sealed)));
}

BENCHMARK(key_package)->Unit(benchmark::kMicrosecond);
BENCHMARK(create_and_add)->Arg(2)->Arg(10)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(join)->Arg(2)->Arg(10)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(create_update)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(process_update)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(process_add)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(protect_1kib)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(unprotect_1kib)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(serialize)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(serialize_ratchets)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(load)->Arg(100)->Arg(500)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wardline::mls
