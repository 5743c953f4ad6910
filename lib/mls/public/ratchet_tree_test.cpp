#include "lib/mls/public/ratchet_tree.h"

#include <random>

#include <gtest/gtest.h>

#include "lib/mls/public/test_group.h"
#include "lib/mls/public/tree_validation.h"

namespace wardline::mls {
namespace {

KeyPrints prints_of(ByteView key) {
  KeyPrints prints;
  prints.insert(print_of(key));
  return prints;
}

/// Every key is found by its print.
void expect_prints_of_keys(const RatchetTree& tree) {
  for (std::uint32_t i = 0; tree.contains({i}); ++i) {
    if (tree.is_blank({i})) continue;
    std::set<NodeIndex> found;
    tree.for_each_encryption_key_like(prints_of(tree.encryption_key({i})),
                                      [&](NodeIndex node) { found.insert(node); });
    EXPECT_TRUE(found.contains({i}));
  }
  tree.for_each_member([&](LeafIndex index, const LeafNode& leaf) {
    std::set<LeafIndex> found;
    tree.for_each_signature_key_like(prints_of(leaf.signature_key),
                                     [&](LeafIndex each) { found.insert(each); });
    EXPECT_TRUE(found.contains(index));
  });
}

/// Makes random changes to a group, through its commits, and checks the tree after each.
class RandomHistory {
 public:
  explicit RandomHistory(std::uint32_t seed) : random_(seed), group_(2) { EXPECT_TRUE(group_.follow()); }

  void step() {
    CommitPlan plan;
    plan.path = below(4) != 0;  // Adds alone need none: that is how leaves come to be unmerged for long.
    plan.committer = some_member();
    if (plan.path && below(8) == 0) {
      plan.joiner = &group_.client("client " + std::to_string(next_client_++));
      plan.proposals.push_back(by_value({ExternalInit{Bytes(32)}}));
    } else {
      propose(plan);
    }
    auto staged = group_.stage(plan);
    EXPECT_KEEPS(staged);
    // What was computed step by step is what a newcomer computes from scratch.
    RatchetTree fresh = *RatchetTree::from_wire(group_.suite, staged->next.tree.to_wire(), group_.limits);
    EXPECT_EQ(to_bytes(fresh.tree_hash()), staged->next.context.tree_hash);
    EXPECT_TRUE(fresh == staged->next.tree);
    expect_prints_of_keys(staged->next.tree);
    EXPECT_KEEPS(validate_tree(fresh, staged->next.context, staged->next.parameters, group_.validation()));
    group_.apply(std::move(*staged));
  }

  TestGroup& group() { return group_; }

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

  LeafIndex some_member() {
    for (;;) {
      const LeafIndex leaf{below(group_.tree->leaf_count())};
      if (group_.tree->leaf(leaf)) return leaf;
    }
  }

  void propose(CommitPlan& plan) {
    std::set<LeafIndex> touched{plan.committer};
    const std::uint32_t count = plan.path ? below(4) : 1 + below(3);
    for (std::uint32_t i = 0; i < count; ++i) {
      const LeafIndex target = some_member();
      const std::uint32_t kind = plan.path && touched.insert(target).second ? below(3) : 2;
      if (kind == 0) plan.proposals.push_back(by_value({Remove{target}}));
      if (kind == 1) plan.proposals.push_back(by_reference(*group_.send(group_.make_update(target))));
      if (kind == 2) {
        auto& client = group_.client("client " + std::to_string(next_client_++));
        plan.proposals.push_back(by_value({Add{group_.make_key_package(client)}}));
      }
    }
  }

  std::mt19937 random_;
  TestGroup group_;
  std::uint32_t next_client_ = 0;
};

TEST(RatchetTree, StaysValidForNewcomersThroughAnyHistory) {
  const std::uint32_t seed = std::random_device()();
  for (std::uint32_t i = 0; i < 12; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed + i));
    RandomHistory history(seed + i);
    for (int step = 0; step < 40 && !testing::Test::HasFailure(); ++step) history.step();
  }
}

class TreeShape : public testing::Test {
 protected:
  TestGroup group_{5};
  RatchetTree& tree_ = *group_.tree;
  LeafNode leaf() { return group_.make_leaf(group_.client("x"), LeafNodeSource::key_package, {}); }
};

TEST_F(TreeShape, GrowsToTheRightAndFillsBlanksFromTheLeft) {
  EXPECT_EQ(tree_.leaf_count(), 8u);
  tree_.remove({1});
  tree_.remove({3});
  EXPECT_EQ(tree_.add(leaf()), LeafIndex{1});
  EXPECT_EQ(tree_.add(leaf()), LeafIndex{3});
  EXPECT_EQ(tree_.add(leaf()), LeafIndex{5});
}

TEST_F(TreeShape, ShrinksWhenItsRightHalfIsEmpty) {
  tree_.remove({1});
  EXPECT_EQ(tree_.leaf_count(), 8u);
  tree_.remove({4});
  EXPECT_EQ(tree_.leaf_count(), 4u);
  EXPECT_EQ(tree_.add(leaf()), LeafIndex{1});
  EXPECT_EQ(tree_.add(leaf()), LeafIndex{4}) << "widens again";
  EXPECT_EQ(tree_.leaf_count(), 8u);
}

TEST_F(TreeShape, ListsAnAddedLeafAsUnmergedInTheParentsAboveIt) {
  const auto keys = std::vector<HpkePublicKey>(tree_.filtered_direct_path({0}).size(), Bytes(32));
  tree_.set_path({0}, keys);
  EXPECT_EQ(tree_.add(leaf()), LeafIndex{5});
  EXPECT_EQ(tree_.parent(tree_.root())->unmerged_leaves, std::vector<LeafIndex>{{5}});
  EXPECT_EQ(tree_.resolution(tree_.root()), (std::vector<NodeIndex>{tree_.root(), {10}}));
  const std::vector<LeafIndex> added{{5}};
  EXPECT_EQ(tree_.resolution(tree_.root(), added), std::vector<NodeIndex>{tree_.root()});
}

TEST_F(TreeShape, ACopyDoesNotSeeWhatIsDoneToTheOther) {
  const Bytes before = to_bytes(tree_.tree_hash());
  RatchetTree copy = tree_;
  copy.update({2}, leaf());
  copy.remove({0});
  EXPECT_NE(to_bytes(copy.tree_hash()), before);
  EXPECT_EQ(to_bytes(tree_.tree_hash()), before);
  EXPECT_TRUE(tree_.leaf({0}));
  EXPECT_FALSE(tree_ == copy);
}

TEST_F(TreeShape, PutsBackLeavesOfThePastAndWidensForThem) {
  const LeafNode stranger = leaf();
  RatchetTree past = tree_;
  past.put_back({1}, std::nullopt);
  past.put_back({9}, stranger);
  EXPECT_FALSE(past.leaf({1}));
  ASSERT_TRUE(past.leaf({9}));
  EXPECT_EQ(*past.leaf({9}), stranger);
  EXPECT_EQ(past.leaf_count(), 16u);
  EXPECT_EQ(past.leaf({0}), tree_.leaf({0})) << "shared";
  expect_prints_of_keys(past);
  EXPECT_TRUE(tree_.leaf({1}));
}

// Whoever makes a key may choose one whose print is another's.
TEST_F(TreeShape, TellsKeysApartThatHaveTheSamePrint) {
  LeafNode twin = leaf();
  twin.encryption_key = tree_.leaf({0})->encryption_key;
  twin.encryption_key.back() ^= 1;
  twin.signature_key = tree_.leaf({0})->signature_key;
  twin.signature_key.back() ^= 1;
  ASSERT_EQ(print_of(twin.encryption_key), print_of(tree_.leaf({0})->encryption_key));
  const LeafIndex index = tree_.add(twin);
  const std::vector<NodeIndex> changed{node_of(index)};
  EXPECT_KEEPS(check_keys_unique(tree_, changed));
  twin.signature_key.back() ^= 1;
  tree_.update(index, twin);
  EXPECT_BREAKS(check_keys_unique(tree_, changed), member_signature_keys_unique);
  twin.encryption_key.back() ^= 1;
  tree_.update(index, twin);
  EXPECT_BREAKS(check_keys_unique(tree_, changed), member_encryption_keys_unique);
}

TEST_F(TreeShape, KnowsWhetherEveryCredentialTypeIsSupportedByAll) {
  EXPECT_TRUE(tree_.credential_types_supported());
  LeafNode certified = leaf();
  certified.credential = Credential::x509({Bytes(1)});
  tree_.add(certified);
  EXPECT_TRUE(tree_.credential_types_supported());
  LeafNode narrow = leaf();
  narrow.capabilities.credentials = {CredentialType::basic, CredentialType::basic};
  const LeafIndex index = tree_.add(narrow);
  EXPECT_FALSE(tree_.credential_types_supported());
  RatchetTree copy = *RatchetTree::from_wire(group_.suite, tree_.to_wire(), group_.limits);
  EXPECT_FALSE(copy.credential_types_supported());
  tree_.update(index, leaf());
  EXPECT_TRUE(tree_.credential_types_supported());
  copy.remove(index);
  EXPECT_TRUE(copy.credential_types_supported());
}

TEST_F(TreeShape, JudgesCredentialTypesThatItDoesNotKnowByTheListsOfAll) {
  const auto type = static_cast<CredentialType>(0xF003);
  LeafNode odd = leaf();
  odd.credential = {UnknownCredential{type, Bytes(2)}};
  odd.capabilities.credentials.push_back(type);
  RatchetTree alone = RatchetTree::of_creator(group_.suite, odd);
  EXPECT_TRUE(alone.credential_types_supported());
  alone.add(leaf());
  EXPECT_FALSE(alone.credential_types_supported());
}

TEST(TreeMath, FindsTheCommonAncestorAndTheChildTowardsALeaf) {
  EXPECT_EQ(common_ancestor({0}, {2}), NodeIndex{1});
  EXPECT_EQ(common_ancestor({0}, {6}), NodeIndex{3});
  EXPECT_EQ(common_ancestor({5}, {4}), NodeIndex{5});
  EXPECT_EQ(common_ancestor({1}, {12}), NodeIndex{7});
  EXPECT_EQ(child_towards({7}, {3}), NodeIndex{3});
  EXPECT_EQ(child_towards({7}, {4}), NodeIndex{11});
  EXPECT_EQ(direct_path({2}, 4), (std::vector<NodeIndex>{{5}, {3}}));
}

}  // namespace
}  // namespace wardline::mls
