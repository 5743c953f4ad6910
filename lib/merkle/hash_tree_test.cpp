#include "lib/merkle/hash_tree.h"

#include <gtest/gtest.h>

#include "lib/merkle/memory_tree_test.h"

namespace wardline::merkle {
namespace {

TEST(HashTree, HasTheRootOfEachOfItsSizesAndProvesThem) {
  const MemoryTree definition(37);
  HashTree tree;
  for (const Hash& leaf : definition.leaves) tree.append(leaf);
  ASSERT_EQ(tree.size(), 37u);
  for (std::uint64_t size = 0; size <= 37; ++size) EXPECT_EQ(tree.root_at(size), definition.mth(0, size));
  for (std::uint64_t size = 1; size <= 37; ++size) {
    for (std::uint64_t old = 1; old <= size; ++old) {
      const auto proof = consistency_proof(tree, old, size);
      ASSERT_TRUE(proof);
      EXPECT_TRUE(verify_consistency(old, size, definition.mth(0, old), definition.mth(0, size), *proof));
    }
  }
  EXPECT_EQ(tree.root_at(38), std::unexpected(Error::out_of_range));
}

}  // namespace
}  // namespace wardline::merkle
