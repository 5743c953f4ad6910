#include "lib/merkle/tree.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/merkle/memory_tree_test.h"

namespace wardline::merkle {
namespace {

TEST(Tree, HashesAsRfc6962Section21Does) {
  // The reference values of the Certificate Transparency tests.
  EXPECT_EQ(to_hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(leaf_hash({})), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  const std::vector<std::string> inputs = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactTree tree;
  EXPECT_EQ(tree.root(), empty_root());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    tree.append(leaf_hash(*from_hex(inputs[i])));
    EXPECT_EQ(to_hex(tree.root()), roots[i]) << "size " << i + 1;
  }
}

TEST(Tree, GrownLeafByLeafHasTheRootOfTheDefinitionAtEverySize) {
  const MemoryTree memory(300);
  CompactTree tree;
  for (std::uint64_t size = 0; size <= 300; ++size) {
    ASSERT_EQ(tree.root(), memory.mth(0, size)) << size;
    ASSERT_EQ(tree.size(), size);
    if (size < 300) tree.append(memory.leaves[size]);
  }
}

TEST(Tree, GoesOnAfterBeingRestored) {
  const MemoryTree memory(77);
  CompactTree tree;
  for (std::uint64_t i = 0; i < 50; ++i) tree.append(memory.leaves[i]);
  auto restored = CompactTree::restore(50, tree.roots());
  ASSERT_TRUE(restored);
  for (std::uint64_t i = 50; i < 77; ++i) restored->append(memory.leaves[i]);
  EXPECT_EQ(restored->root(), memory.mth(0, 77));
}

TEST(Tree, IsNotRestoredFromAWrongNumberOfRoots) {
  EXPECT_EQ(CompactTree::restore(3, {Hash{}}).error(), Error::malformed);
  EXPECT_EQ(CompactTree::restore(0, {Hash{}}).error(), Error::malformed);
}

TEST(Tree, LeavesAndNodesNeverHaveTheSameHash) {
  const Hash a = leaf_hash(as_bytes("a"));
  const Hash b = leaf_hash(as_bytes("b"));
  EXPECT_NE(leaf_hash(concat(a, b)), node_hash(a, b));
}

}  // namespace
}  // namespace wardline::merkle
