// Devices of one process in threads of their own, as bots, gateways and the load generator have them: they
// share the primitives, what they received and how it is validated, and nothing else.
#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "lib/mls/member/test_member.h"

namespace wardline::mls {
namespace {

constexpr std::uint32_t kMembers = 5;
constexpr std::uint32_t kEpochs = 8;

/// What everybody is to follow: commits, each with a message in the epoch after it.
struct Sent {
  MlsMessage commit;
  MlsMessage message;
};

std::vector<Sent> history_of(TestMember& by, TestWorld& world) {
  std::vector<Sent> sent;
  for (std::uint32_t i = 0; i < kEpochs; ++i) {
    auto bundle = by.group->commit({.with_path = true}, by.signer, world.environment);
    if (!bundle || !by.group->merge_pending()) break;
    auto message = by.group->protect(as_bytes("after commit " + std::to_string(i)), {}, by.signer);
    if (!message) break;
    sent.push_back({std::move(bundle->commit), std::move(*message)});
  }
  return sent;
}

/// One member's life, on a thread of its own. How many messages it has read.
std::uint32_t follow(TestMember& member, const std::vector<Sent>& history, const Environment& environment) {
  const SealingKey key = SealingKey::generate();
  std::uint32_t read = 0;
  for (const Sent& each : history) {
    auto commit = member.group->receive(each.commit, environment);
    if (!commit || !member.group->merge(std::move(std::get<ReceivedCommit>(*commit)))) break;
    const auto message = member.group->receive(each.message, environment);
    if (!message || !std::holds_alternative<ApplicationMessage>(*message)) break;
    const auto stored = member.group->serialize(key);
    auto loaded = stored ? Group::load(key, *stored) : std::unexpected(stored.error());
    if (!loaded) break;
    member.group.emplace(std::move(*loaded));
    if (!member.group->protect(as_bytes("an answer"), {}, member.signer)) break;
    ++read;
  }
  return read;
}

class Threads : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Suites, Threads, testing::Values(1, 2));

TEST_P(Threads, MembersOfOneGroupFollowItAtTheSameTime) {
  TestWorld world(static_cast<CipherSuite>(GetParam()));
  TestMember& first = world.create("member 0");
  for (std::uint32_t i = 1; i < kMembers; ++i) world.add(first, "member " + std::to_string(i));
  const std::vector<Sent> history = history_of(first, world);
  ASSERT_EQ(history.size(), kEpochs);

  std::array<std::uint32_t, kMembers> read{};
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < kMembers; ++i) {
    threads.emplace_back([&, i] { read[i] = follow(*world.members[i], history, world.environment); });
  }
  for (auto& thread : threads) thread.join();
  for (std::uint32_t i = 1; i < kMembers; ++i) {
    EXPECT_EQ(read[i], kEpochs) << i;
    EXPECT_TRUE(equal(world.members[i]->group->epoch_authenticator(), first.group->epoch_authenticator()))
        << i;
  }
}

}  // namespace
}  // namespace wardline::mls
