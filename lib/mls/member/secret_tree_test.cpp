#include "lib/mls/member/secret_tree.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"

namespace wardline::mls {
namespace {

const crypto::Suite& suite() { return *crypto::find_suite(crypto::CipherSuite::p256_aes128gcm_sha256_p256); }

SecretTree tree_of(std::uint32_t leaves) { return {suite(), SecretBytes(Bytes(32, 7)), leaves}; }

constexpr auto kApplication = RatchetKind::application;

std::string key_of(SecretTree& tree, std::uint32_t leaf, std::uint32_t generation,
                   const RatchetLimits& limits = {}) {
  auto found = tree.find({leaf}, kApplication, generation, limits);
  if (!found) return "";
  std::string key = to_hex(found->key().view());
  tree.consume(std::move(*found), limits);
  return key;
}

TEST(SecretTree, SenderAndReaderDeriveTheSameKeysInAnyOrder) {
  SecretTree writer = tree_of(8);
  std::vector<std::string> keys;
  for (int i = 0; i < 6; ++i) keys.push_back(to_hex(writer.next({3}, kApplication)->key.view()));
  SecretTree reader = tree_of(8);
  for (const std::uint32_t generation : {4u, 0u, 5u, 2u, 1u, 3u}) {
    EXPECT_EQ(key_of(reader, 3, generation), keys[generation]) << generation;
  }
}

TEST(SecretTree, Rfc9420Section9_2AUsedGenerationCannotBeDerivedAgain) {
  SecretTree tree = tree_of(4);
  EXPECT_NE(key_of(tree, 1, 2), "");
  EXPECT_EQ(tree.find({1}, kApplication, 2, {}).error(), RatchetError::generation_used);
  EXPECT_NE(key_of(tree, 1, 0), "");
  EXPECT_EQ(tree.find({1}, kApplication, 0, {}).error(), RatchetError::generation_used);
  EXPECT_EQ(tree.kept_keys({1}, kApplication), 1u);
}

TEST(SecretTree, Rfc9420Section9_2ParentSecretsAreDeletedOnceTheirChildrenAreDerived) {
  SecretTree tree = tree_of(8);
  EXPECT_EQ(tree.live_nodes(), 1u);
  EXPECT_TRUE(tree.next({0}, kApplication).has_value());
  EXPECT_EQ(tree.live_nodes(), 3u);  // The three siblings along the path; neither the root nor the leaf.
  for (std::uint32_t leaf = 1; leaf < 8; ++leaf) EXPECT_TRUE(tree.next({leaf}, kApplication).has_value());
  EXPECT_EQ(tree.live_nodes(), 0u);
}

TEST(SecretTree, AKeyThatIsFoundButNotConsumedChangesNothing) {
  SecretTree tree = tree_of(4);
  EXPECT_TRUE(tree.find({2}, kApplication, 50, {}).has_value());
  EXPECT_EQ(tree.kept_keys({2}, kApplication), 0u);
  SecretTree other = tree_of(4);
  EXPECT_EQ(key_of(tree, 2, 0), key_of(other, 2, 0));
}

TEST(SecretTree, OneMessageCannotForceMoreDerivationsThanTheLimit) {
  SecretTree tree = tree_of(4);
  const RatchetLimits limits{.largest_skip = 100, .kept_keys = 10};
  EXPECT_EQ(tree.find({0}, kApplication, 0xffffffff, limits).error(), RatchetError::generation_too_far);
  EXPECT_EQ(tree.find({0}, kApplication, 101, limits).error(), RatchetError::generation_too_far);
  EXPECT_NE(key_of(tree, 0, 100, limits), "");
}

TEST(SecretTree, OnlyTheNewestSkippedKeysAreKept) {
  SecretTree tree = tree_of(4);
  const RatchetLimits limits{.largest_skip = 100, .kept_keys = 10};
  EXPECT_NE(key_of(tree, 0, 50, limits), "");
  EXPECT_EQ(tree.kept_keys({0}, kApplication), 10u);
  EXPECT_EQ(key_of(tree, 0, 39, limits), "");
  EXPECT_NE(key_of(tree, 0, 40, limits), "");
  EXPECT_NE(key_of(tree, 0, 60, limits), "");
  EXPECT_EQ(tree.kept_keys({0}, kApplication), 10u);
}

TEST(SecretTree, ALeafOutsideTheTreeHasNoKeys) {
  SecretTree tree = tree_of(3);
  EXPECT_TRUE(tree.next({3}, kApplication).has_value());  // The tree is full: four leaves.
  EXPECT_EQ(tree.next({4}, kApplication).error(), RatchetError::no_such_leaf);
  EXPECT_EQ(tree.find({4}, kApplication, 0, {}).error(), RatchetError::no_such_leaf);
}

TEST(SecretTree, StorageKeepsEveryKeyAndNothingMore) {
  SecretTree tree = tree_of(8);
  EXPECT_NE(key_of(tree, 5, 3), "");
  EXPECT_TRUE(tree.next({1}, RatchetKind::handshake).has_value());
  const Bytes stored = tls::encode(tree);
  SecretTree loaded(suite());
  tls::Reader in(stored);
  tls::read(in, loaded);
  ASSERT_TRUE(in.ok() && in.at_end());
  EXPECT_EQ(loaded.find({5}, kApplication, 3, {}).error(), RatchetError::generation_used);
  for (const std::uint32_t generation : {0u, 1u, 4u}) {
    EXPECT_EQ(key_of(loaded, 5, generation), key_of(tree, 5, generation));
  }
  EXPECT_EQ(key_of(loaded, 7, 0), key_of(tree, 7, 0));
}

}  // namespace
}  // namespace wardline::mls
