#include "lib/merkle/proof.h"

#include <gtest/gtest.h>

#include "lib/merkle/memory_tree_test.h"

namespace wardline::merkle {
namespace {

constexpr std::uint64_t kLargest = 70;  // crosses a power of two with room on both sides

TEST(Proof, EveryInclusionProofOfEverySmallTreeVerifies) {
  MemoryTree tree(kLargest);
  for (std::uint64_t size = 1; size <= kLargest; ++size) {
    const Hash root = tree.mth(0, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(tree, index, size);
      ASSERT_TRUE(proof);
      ASSERT_TRUE(verify_inclusion(index, size, tree.leaves[index], *proof, root)) << index << " of " << size;
      ASSERT_FALSE(verify_inclusion(index, size, leaf_hash(as_bytes("other")), *proof, root));
    }
  }
}

TEST(Proof, EveryConsistencyProofOfEverySmallTreeVerifies) {
  MemoryTree tree(kLargest);
  for (std::uint64_t size = 1; size <= kLargest; ++size) {
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(tree, old_size, size);
      ASSERT_TRUE(proof);
      ASSERT_TRUE(verify_consistency(old_size, size, tree.mth(0, old_size), tree.mth(0, size), *proof));
      ASSERT_FALSE(verify_consistency(old_size, size, leaf_hash({}), tree.mth(0, size), *proof));
    }
  }
}

TEST(Proof, EverySubtreeConsistencyProofVerifiesAndNoOtherRangeHasOne) {
  MemoryTree tree(40);
  for (std::uint64_t start = 0; start < 40; ++start) {
    for (std::uint64_t end = start + 1; end <= 40; ++end) {
      const auto proof = subtree_consistency_proof(tree, start, end, 40);
      ASSERT_EQ(proof.has_value(), is_subtree(start, end));
      if (!proof) continue;
      const Hash root = tree.mth(start, end);
      ASSERT_EQ(range_root(tree, start, end), root);
      ASSERT_TRUE(verify_subtree_consistency(start, end, 40, root, tree.mth(0, 40), *proof))
          << start << ".." << end;
      ASSERT_FALSE(verify_subtree_consistency(start, end, 40, leaf_hash({}), tree.mth(0, 40), *proof));
    }
  }
}

TEST(Proof, AnyChangedMissingOrAddedHashBreaksIt) {
  MemoryTree tree(kLargest);
  const Hash root = tree.mth(0, kLargest);
  for (const std::uint64_t index : {0u, 1u, 31u, 32u, 63u, 64u, 69u}) {
    const Proof good = *inclusion_proof(tree, index, kLargest);
    const auto holds = [&](const Proof& proof) {
      return verify_inclusion(index, kLargest, tree.leaves[index], proof, root).has_value();
    };
    ASSERT_TRUE(holds(good));
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (std::size_t byte = 0; byte < kHashSize; ++byte) {
        Proof bad = good;
        bad[i][byte] ^= 1;
        ASSERT_FALSE(holds(bad));
      }
      Proof shorter = good;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      ASSERT_FALSE(holds(shorter));
    }
    Proof longer = good;
    longer.push_back(root);
    ASSERT_FALSE(holds(longer));
    longer = good;
    longer.insert(longer.begin(), tree.leaves[index]);
    ASSERT_FALSE(holds(longer));
  }
}

TEST(Proof, AProofForOneIndexOrSizeIsNoneForAnother) {
  MemoryTree tree(kLargest);
  for (std::uint64_t index = 0; index < kLargest; ++index) {
    const Proof proof = *inclusion_proof(tree, index, kLargest);
    for (std::uint64_t other = 0; other < kLargest + 3; ++other) {
      const bool holds =
          verify_inclusion(other, kLargest, tree.leaves[index], proof, tree.mth(0, kLargest)).has_value();
      ASSERT_EQ(holds, other == index);
    }
  }
}

TEST(Proof, SizesThatNoTreeHasAreRefusedWithoutReadingAnything) {
  MemoryTree tree(4);
  const Hash hash{};
  EXPECT_EQ(inclusion_proof(tree, 4, 4).error(), Error::out_of_range);
  EXPECT_EQ(inclusion_proof(tree, 0, 0).error(), Error::out_of_range);
  EXPECT_EQ(consistency_proof(tree, 0, 4).error(), Error::out_of_range);
  EXPECT_EQ(consistency_proof(tree, 5, 4).error(), Error::out_of_range);
  EXPECT_EQ(range_root(tree, 3, 2).error(), Error::out_of_range);
  EXPECT_FALSE(is_subtree(0, ~std::uint64_t{0}));
  EXPECT_FALSE(verify_inclusion(~std::uint64_t{0}, ~std::uint64_t{0}, hash, {}, hash));
  EXPECT_FALSE(verify_inclusion(~std::uint64_t{0} - 1, ~std::uint64_t{0}, hash, Proof(63), hash));
  EXPECT_FALSE(verify_consistency(1, ~std::uint64_t{0}, hash, hash, Proof(70)));
  EXPECT_EQ(range_root(tree, 2, 2), empty_root());
}

TEST(Proof, AReaderThatFailsFailsTheProofInsteadOfInventingOne) {
  MemoryTree tree(4);
  EXPECT_EQ(inclusion_proof(tree, 0, 8).error(), Error::out_of_range);
}

}  // namespace
}  // namespace wardline::merkle
