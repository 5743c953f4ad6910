#include "lib/merkle/tile.h"

#include <gtest/gtest.h>

#include "lib/merkle/memory_tree_test.h"

namespace wardline::merkle {
namespace {

TEST(Tile, PathsAreThoseOfTlogTiles) {
  EXPECT_EQ(tile_path({0, 1234067}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({std::nullopt, 0, 17}), "tile/entries/000.p/17");
  EXPECT_EQ(tile_path({63, 999}), "tile/63/999");
  EXPECT_EQ(tile_path({1, 1000, 255}), "tile/1/x001/000.p/255");
}

TEST(Tile, PathsRoundTrip) {
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{999}, std::uint64_t{1000},
                                    std::uint64_t{1234067}, ~std::uint64_t{0} / 256, ~std::uint64_t{0}}) {
    for (const unsigned width : {1u, 17u, 255u, 256u}) {
      for (const std::optional<unsigned> level : {std::optional<unsigned>{}, {0u}, {7u}, {63u}}) {
        const Tile tile{level, index, width};
        EXPECT_EQ(parse_tile_path(tile_path(tile)), tile) << tile_path(tile);
      }
    }
  }
}

TEST(Tile, OtherSpellingsOfAPathAreRefused) {
  for (const std::string_view bad : {"",
                                     "tile",
                                     "tile/",
                                     "tile/0",
                                     "tile/0/",
                                     "tile/00/000",
                                     "tile/64/000",
                                     "tile/-1/000",
                                     "tile/0/00",
                                     "tile/0/0000",
                                     "tile/0/x000/000",
                                     "tile/0/001/000",
                                     "tile/0/x001/x000",
                                     "tile/0/000.p/0",
                                     "tile/0/000.p/256",
                                     "tile/0/000.p/01",
                                     "tile/0/000.p/",
                                     "tile/0/000.p/1/",
                                     "/tile/0/000",
                                     "tile/entries/",
                                     "tile/entry/000",
                                     "tile/0/000\n",
                                     "tile/0/../000",
                                     "tile/0/x018/x446/x744/x073/x709/x551/616",
                                     "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_EQ(parse_tile_path(bad).error(), Error::malformed) << bad;
  }
}

TEST(Tile, ATreeOfSeventyThousandHasTheTilesThatTheSpecificationCounts) {
  std::map<std::pair<int, bool>, int> count;
  std::map<int, unsigned> partial_width;
  for (const Tile& tile : new_tiles(0, 70000)) {
    const int level = tile.level ? static_cast<int>(*tile.level) : -1;
    ++count[{level, tile.is_partial()}];
    if (tile.is_partial()) partial_width[level] = tile.width;
  }
  EXPECT_EQ((count[{0, false}]), 273);
  EXPECT_EQ((count[{0, true}]), 1);
  EXPECT_EQ(partial_width[0], 112u);
  EXPECT_EQ((count[{-1, false}]), 273);
  EXPECT_EQ(partial_width[-1], 112u);
  EXPECT_EQ((count[{1, false}]), 1);
  EXPECT_EQ(partial_width[1], 17u);
  EXPECT_EQ((count[{2, false}]), 0);
  EXPECT_EQ(partial_width[2], 1u);

  const std::vector<Tile> at_256 = {{std::nullopt, 0}, {0, 0}, {1, 0, 1}};
  EXPECT_EQ(new_tiles(0, 256), at_256);
  EXPECT_TRUE(new_tiles(0, 0).empty());
}

TEST(Tile, GrowingNamesExactlyTheTilesThatAreNew) {
  const std::vector<Tile> full = {{std::nullopt, 0}, {std::nullopt, 1, 4}, {0, 0}, {0, 1, 4}, {1, 0, 1}};
  EXPECT_EQ(new_tiles(250, 260), full);
  const std::vector<Tile> partial = {{std::nullopt, 1, 5}, {0, 1, 5}};
  EXPECT_EQ(new_tiles(260, 261), partial);
  EXPECT_TRUE(new_tiles(261, 261).empty());
}

TEST(Tile, ProofsFromTilesAreThoseFromTheTree) {
  constexpr std::uint64_t kSize = 66000;  // three levels of tiles
  MemoryTree tree(kSize);
  const Hash root = tree.mth(0, kSize);
  TileHashReader reader(tree, kSize);
  for (const std::uint64_t index : {0u, 255u, 256u, 65535u, 65536u, 65792u, 65999u}) {
    const auto proof = inclusion_proof(reader, index, kSize);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_inclusion(index, kSize, tree.leaves[index], *proof, root));
  }
  for (const std::uint64_t old_size : {1u, 256u, 300u, 65536u, 65999u}) {
    const auto proof = consistency_proof(reader, old_size, kSize);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_consistency(old_size, kSize, tree.mth(0, old_size), root, *proof));
  }
  EXPECT_LE(tree.reads, 16) << "each tile is read once";
}

TEST(Tile, AReaderRefusesWhatTheTreeDoesNotHave) {
  MemoryTree tree(300);
  TileHashReader reader(tree, 300);
  EXPECT_TRUE(reader.node(0, 299));
  EXPECT_EQ(reader.node(0, 300).error(), Error::out_of_range);
  EXPECT_EQ(reader.node(8, 1).error(), Error::out_of_range);
  EXPECT_EQ(reader.node(9, 0).error(), Error::out_of_range);
  EXPECT_EQ(reader.node(7, ~std::uint64_t{0}).error(), Error::out_of_range);
  EXPECT_EQ(reader.node(600, 0).error(), Error::out_of_range);
}

TEST(Tile, BundlesRoundTripWithEmptyAndLargestEntries) {
  Bytes bundle;
  ASSERT_TRUE(append_to_bundle(bundle, {}));
  ASSERT_TRUE(append_to_bundle(bundle, Bytes(kLargestEntry, 7)));
  EXPECT_EQ(append_to_bundle(bundle, Bytes(kLargestEntry + 1, 7)).error(), Error::out_of_range);
  const Tile tile{std::nullopt, 0, 2};
  const auto entries = decode_bundle(tile, bundle);
  ASSERT_TRUE(entries);
  EXPECT_TRUE((*entries)[0].empty());
  EXPECT_EQ((*entries)[1].size(), kLargestEntry);
}

TEST(Tile, ABundleWithBytesOrEntriesTooFewOrTooManyIsRefused) {
  Bytes bundle;
  ASSERT_TRUE(append_to_bundle(bundle, as_bytes("one")));
  ASSERT_TRUE(append_to_bundle(bundle, as_bytes("two")));
  EXPECT_TRUE(decode_bundle({std::nullopt, 0, 2}, bundle));
  EXPECT_FALSE(decode_bundle({std::nullopt, 0, 1}, bundle));
  EXPECT_FALSE(decode_bundle({std::nullopt, 0, 3}, bundle));
  for (std::size_t size = 0; size < bundle.size(); ++size) {
    EXPECT_FALSE(decode_bundle({std::nullopt, 0, 2}, ByteView(bundle).first(size))) << size;
  }
  bundle.push_back(0);
  EXPECT_FALSE(decode_bundle({std::nullopt, 0, 2}, bundle));
  EXPECT_FALSE(decode_tile({0, 0, 2}, Bytes(63)));
  EXPECT_FALSE(decode_tile({0, 0, 2}, Bytes(65)));
}

}  // namespace
}  // namespace wardline::merkle
