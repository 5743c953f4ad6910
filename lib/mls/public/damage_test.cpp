// Messages that were damaged at random: whatever comes, processing ends with an answer.
#include <random>

#include <gtest/gtest.h>

#include "lib/mls/public/test_group.h"

namespace wardline::mls {
namespace {

class Damage {
 public:
  explicit Damage(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::size_t end) { return static_cast<std::uint32_t>(random_() % end); }

  Bytes bytes(Bytes wire) {
    for (std::uint32_t i = 1 + below(3); i-- > 0 && !wire.empty();) {
      const std::uint32_t at = below(wire.size());
      switch (below(4)) {
        case 0:
          wire[at] ^= static_cast<std::uint8_t>(1u << below(8));
          break;
        case 1:
          wire[at] = static_cast<std::uint8_t>(below(256));
          break;
        case 2:
          wire.erase(wire.begin() + at);
          break;
        case 3:
          wire.insert(wire.begin() + at, static_cast<std::uint8_t>(below(256)));
          break;
      }
    }
    return wire;
  }

  /// Damages what the wire form cannot protect: the structure of a tree.
  void tree(RatchetTreeWire& wire) {
    auto& node = wire.nodes[below(wire.nodes.size())];
    switch (below(5)) {
      case 0:
        node.reset();
        break;
      case 1:
        node = wire.nodes[below(wire.nodes.size())];
        break;
      case 2:
        wire.nodes.resize(1 + below(wire.nodes.size() + 4));
        break;
      default:
        if (auto* parent = node ? std::get_if<ParentNode>(&node->value) : nullptr) {
          parent->unmerged_leaves.push_back(
              {below(3) == 0 ? static_cast<std::uint32_t>(random_()) : below(9)});
        }
    }
  }

 private:
  std::mt19937 random_;
};

TEST(DamagedMessages, OfAnyKindAreAnsweredWithARule) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Damage damage(seed);
  TestGroup group = followed_group(5, [](TestGroup& each) { each.rekey({1}); });
  const KeyPackage package = group.make_key_package(group.client("newcomer"));
  const CommitPlan plan{.proposals = {by_value({Add{package}}), by_value({Remove{{2}}})}};
  const PublicMessage commit = group.make_commit(plan);
  const PublicMessage update = group.make_update({3});
  const std::vector<Bytes> wires{tls::encode(MlsMessage{commit}), tls::encode(MlsMessage{update}),
                                 tls::encode(MlsMessage{group.make_group_info()}),
                                 tls::encode(MlsMessage{package})};
  for (int i = 0; i < 4000; ++i) {
    const auto message = decode_message(damage.bytes(wires[damage.below(wires.size())]));
    if (!message) continue;
    if (const auto* handshake = message->as<PublicMessage>()) {
      // Only the tags, which members check, are not covered by the signature.
      const bool is_genuine = handshake->content == commit.content || handshake->content == update.content;
      EXPECT_TRUE(is_genuine || !group.group->verify(ReceivedMessage(*handshake)));
    }
    if (const auto* info = message->as<GroupInfo>()) {
      const auto joined = PublicGroup::create(*info, group.tree->to_wire(), group.validation());
      EXPECT_TRUE(!joined || joined->context() == group.context);
    }
  }
}

TEST(DamagedMessages, TreesThatDoNotHoldTogetherAreRefusedOrWellFormed) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Damage damage(seed);
  TestGroup group(7);
  group.rekey({4});
  group.rekey({1});
  group.tree->add(group.make_leaf(group.client("late"), LeafNodeSource::key_package, {7}));
  const RatchetTree good = *group.tree;
  for (int i = 0; i < 1500; ++i) {
    RatchetTreeWire wire = good.to_wire();
    for (std::uint32_t count = 1 + damage.below(3); count-- > 0;) damage.tree(wire);
    const auto parsed = RatchetTree::from_wire(group.suite, wire, group.limits);
    if (!parsed) continue;
    *group.tree = *parsed;  // The GroupInfo is about the damaged tree, so that validation goes all the way.
    const auto joined = PublicGroup::create(group.make_group_info(), wire, group.validation());
    if (joined) {
      EXPECT_EQ(tls::encode(joined->tree().to_wire()), tls::encode(wire));
    }
  }
}

TEST(DamagedMessages, PathsThatWereSignedDamagedAreRefusedOrLeadToAValidTree) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Damage damage(seed);
  const TestGroup group = followed_group(6, [](TestGroup& each) { each.rekey({2}); });
  for (int i = 0; i < 800; ++i) {
    const auto staged = group.stage({.finished_path = [&](UpdatePath& path) {
      if (auto damaged = tls::decode<UpdatePath>(damage.bytes(tls::encode(path)))) path = std::move(*damaged);
    }});
    if (!staged) continue;
    RatchetTree fresh = *RatchetTree::from_wire(group.suite, staged->next.tree.to_wire(), group.limits);
    EXPECT_KEEPS(fresh.verify_parent_hashes());
  }
}

}  // namespace
}  // namespace wardline::mls
