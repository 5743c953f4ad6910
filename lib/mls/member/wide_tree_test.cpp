// Random histories of wide groups whose trees are full of holes: people leave in droves, come in droves
// without a path, and few commit. Mistakes about parent hashes, unmerged leaves and filtered paths show only
// there.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "lib/mls/member/test_member.h"
#include "lib/mls/public/tree_validation.h"

namespace wardline::mls {
namespace {

class WideTree : public TestWorld {
 public:
  WideTree(CipherSuite id, std::uint32_t seed, std::size_t most) : TestWorld(id), random_(seed), most_(most) {
    create("member 0");
    come(most / 2, false);
  }

  void step() {
    switch (pick(6)) {
      case 0:
        return come(1 + pick(8), pick(4) == 0);
      case 1:
        return go();
      case 2:
        return renew_by_reference();
      case 3:
        return come_from_outside();
      case 4:
        return come_and_go();
      default:
        commit(anybody(), {.with_path = true});
    }
  }

  void expect_agreement() {
    const Group& first = *members[0]->group;
    for (const auto& member : members) {
      ASSERT_EQ(member->group->context(), first.context()) << member->name;
      ASSERT_TRUE(equal(member->group->epoch_authenticator(), first.epoch_authenticator())) << member->name;
    }
    // What was computed step by step is what a newcomer computes from scratch.
    auto fresh = RatchetTree::from_wire(suite, first.tree().to_wire(), validation.limits);
    ASSERT_TRUE(fresh.has_value());
    EXPECT_EQ(to_bytes(fresh->tree_hash()), first.context().tree_hash);
    EXPECT_KEEPS(validate_tree(*fresh, first.context(), first.public_state().parameters, validation));
  }

 private:
  std::uint32_t pick(std::size_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  /// Mostly the same few: everybody else's part of the tree stays as it is for long.
  TestMember& anybody() {
    return *members[pick(pick(4) == 0 ? members.size() : std::min<std::size_t>(members.size(), 3))];
  }

  std::vector<std::pair<std::unique_ptr<TestMember>, KeyPackageBundle>> newcomers(std::size_t count,
                                                                                  CommitRequest& request) {
    std::vector<std::pair<std::unique_ptr<TestMember>, KeyPackageBundle>> made;
    for (std::size_t i = 0; i < count; ++i) {
      auto member = std::make_unique<TestMember>(suite, "member " + std::to_string(++names_));
      auto bundle = member->bundle();
      request.proposals.push_back({Add{bundle.key_package()}});
      made.emplace_back(std::move(member), std::move(bundle));
    }
    return made;
  }

  /// Up to a third, never the committer: neighbours, so that whole subtrees fall blank, or anybody.
  std::vector<TestMember*> leavers(const TestMember& but) {
    std::vector<TestMember*> all;
    for (const auto& member : members) {
      if (member.get() != &but) all.push_back(member.get());
    }
    if (pick(2) == 0) {
      std::ranges::shuffle(all, random_);
    } else {
      std::ranges::sort(all, {}, [](const TestMember* each) { return each->group->own_leaf(); });
      std::ranges::rotate(all, all.begin() + pick(all.size()));
    }
    all.resize(std::min(all.size(), std::size_t{1} + pick(1 + members.size() / 3)));
    return all;
  }

  void carry_out(TestMember& by, CommitRequest request,
                 std::vector<std::pair<std::unique_ptr<TestMember>, KeyPackageBundle>> coming) {
    const CommitBundle sent = commit(by, std::move(request));
    std::erase_if(members, [](const auto& member) { return !member->group->is_active(); });
    for (auto& [member, bundle] : coming) {
      auto joined = Group::join(*sent.welcome->as<Welcome>(), bundle, {}, environment);
      ASSERT_TRUE(joined.has_value()) << name_of(joined.error());
      member->group.emplace(std::move(*joined));
      members.push_back(std::move(member));
    }
  }

  void come(std::size_t count, bool with_path) {
    if (members.size() + count > most_) return go();
    CommitRequest request{.with_path = with_path};
    auto coming = newcomers(count, request);
    carry_out(anybody(), std::move(request), std::move(coming));
  }

  void go() {
    if (members.size() < 4) return come(4, false);
    TestMember& by = anybody();
    CommitRequest request;
    for (const TestMember* each : leavers(by)) request.proposals.push_back({Remove{each->group->own_leaf()}});
    carry_out(by, std::move(request), {});
  }

  /// Newcomers take the leaves of those whom the same commit removes.
  void come_and_go() {
    if (members.size() < 4 || members.size() + 6 > most_) return go();
    TestMember& by = anybody();
    CommitRequest request;
    for (const TestMember* each : leavers(by)) request.proposals.push_back({Remove{each->group->own_leaf()}});
    auto coming = newcomers(1 + pick(6), request);
    carry_out(by, std::move(request), std::move(coming));
  }

  void renew_by_reference() {
    if (members.size() < 4) return come(4, false);
    TestMember& by = anybody();
    for (TestMember* each : leavers(by)) {
      const auto update = each->group->propose_update({}, each->signer, environment);
      ASSERT_TRUE(update.has_value()) << name_of(update.error());
      deliver(*update, each);
    }
    carry_out(by, {}, {});
  }

  void come_from_outside() {
    if (members.size() >= most_) return go();
    auto member = std::make_unique<TestMember>(suite, "member " + std::to_string(++names_));
    TestMember& host = anybody();
    const auto info = host.group->group_info(host.signer, {.with_tree = true});
    auto join = ExternalJoin::create(*info->as<GroupInfo>(), {.leaf = member->description}, member->signer,
                                     environment);
    ASSERT_TRUE(join.has_value()) << name_of(join.error());
    deliver(join->commit(), nullptr);
    member->group.emplace(std::move(*join).accept());
    members.push_back(std::move(member));
  }

  std::mt19937 random_;
  std::size_t most_;
  std::uint32_t names_ = 0;
};

std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
  const char* given = std::getenv(variable);
  return given ? static_cast<std::uint32_t>(std::atoi(given)) : otherwise;
}

// WARDLINE_MLS_SEED in the environment repeats a history; WARDLINE_MLS_HISTORIES tells more of them.
TEST(WideTree, FullOfHolesAndUnmergedLeavesStaysOneForAllMembers) {
  const std::uint32_t seed = number_from("WARDLINE_MLS_SEED", std::random_device{}());
  std::cout << "WARDLINE_MLS_SEED=" << seed << "\n";
  for (std::uint32_t i = 0; i < number_from("WARDLINE_MLS_HISTORIES", 2) && !HasFailure(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed + i));
    WideTree wide(CipherSuite::x25519_aes128gcm_sha256_ed25519, seed + i, 40 + 20 * (i % 3));
    for (int step = 0; step < 40 && !HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      wide.step();
      wide.expect_agreement();
    }
  }
}

}  // namespace
}  // namespace wardline::mls
