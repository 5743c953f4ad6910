#include "lib/merkle/tlog_proof.h"

#include <gtest/gtest.h>

#include "lib/merkle/memory_tree_test.h"

namespace wardline::merkle {
namespace {

constexpr std::uint64_t kSize = 300;
constexpr std::uint64_t kIndex = 123;

class TlogProofTest : public testing::Test {
 protected:
  TlogProofTest() {
    proof_.index = kIndex;
    proof_.proof = *inclusion_proof(tree_, kIndex, kSize);
    proof_.checkpoint = *sign_checkpoint({"log.example", kSize, tree_.mth(0, kSize), {}}, log_);
  }

  bool holds(std::string_view text) const {
    const auto parsed = parse_tlog_proof(text);
    return parsed &&
           verify_tlog_proof(*parsed, tree_.leaves[kIndex], "log.example", log_.verifier()).has_value();
  }

  MemoryTree tree_{kSize};
  NoteSigner log_ = *NoteSigner::generate("log.example", NoteKeyType::ed25519);
  TlogProof proof_;
};

TEST_F(TlogProofTest, AReceiptRoundTripsAndVerifies) {
  EXPECT_TRUE(holds(format_tlog_proof(proof_)));
  EXPECT_EQ(parse_tlog_proof(format_tlog_proof(proof_)), proof_);
  proof_.extra = to_bytes(as_bytes("{}"));
  EXPECT_TRUE(holds(format_tlog_proof(proof_)));
  EXPECT_EQ(parse_tlog_proof(format_tlog_proof(proof_)), proof_);
}

TEST_F(TlogProofTest, AnyByteChangedRemovedOrAddedBreaksIt) {
  const std::string good = format_tlog_proof(proof_);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(holds(bad)) << bad;
    }
    std::string shorter = good;
    shorter.erase(i, 1);
    EXPECT_FALSE(holds(shorter)) << shorter;
    std::string longer = good;
    longer.insert(i, "A");
    EXPECT_FALSE(holds(longer)) << longer;
  }
  EXPECT_FALSE(holds(good + "\n"));
}

TEST_F(TlogProofTest, OfAnotherLogOrAnotherEntryIsRefusedWithTheReason) {
  const Hash leaf = tree_.leaves[kIndex];
  const NoteSigner other = *NoteSigner::generate("log.example", NoteKeyType::ed25519);
  EXPECT_EQ(verify_tlog_proof(proof_, leaf, "log.example", other.verifier()).error(), Error::unknown_key);
  EXPECT_EQ(verify_tlog_proof(proof_, leaf, "another.example", log_.verifier()).error(), Error::unknown_key);
  EXPECT_EQ(verify_tlog_proof(proof_, tree_.leaves[0], "log.example", log_.verifier()).error(),
            Error::root_mismatch);
}

TEST_F(TlogProofTest, OtherSpellingsAreRefused) {
  const std::string good = format_tlog_proof(proof_);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_FALSE(parse_tlog_proof(with("index 123", "index 0123")));
  EXPECT_FALSE(parse_tlog_proof(with("index 123", "index +123")));
  EXPECT_FALSE(parse_tlog_proof(with("index 123", "index 99999999999999999999")));
  EXPECT_FALSE(parse_tlog_proof(with("index 123", "extra AA=\nindex 123")));
  EXPECT_FALSE(parse_tlog_proof(with("index 123\n", "")));
  EXPECT_FALSE(parse_tlog_proof(with("@v1", "@v2")));
  EXPECT_FALSE(parse_tlog_proof("c2sp.org/tlog-proof@v1\nindex 0\n"));
}

TEST(Checkpoint, TheSpecificationsExampleParsesAndIsWrittenBack) {
  constexpr std::string_view kBody =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const auto checkpoint = parse_checkpoint(kBody);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(format_checkpoint(*checkpoint), kBody);
  EXPECT_EQ(parse_checkpoint(std::string(kBody) + "more\n")->extension, std::vector<std::string>{"more"});
}

TEST(Checkpoint, OtherSpellingsAreRefused) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  ASSERT_TRUE(parse_checkpoint("a\n0\n" + root + "\n"));
  for (const std::string& bad : std::vector<std::string>{
           "", "a\n", "a\n0\n", "\n0\n" + root + "\n", "a\n00\n" + root + "\n", "a\n01\n" + root + "\n",
           "a\n-1\n" + root + "\n", "a\n+1\n" + root + "\n", "a\n\n" + root + "\n", "a\n1 \n" + root + "\n",
           "a\n18446744073709551616\n" + root + "\n", "a\n1\nAAAA\n", "a\n1\n" + root,
           "a\n1\n" + root + "\n\n", "a\n1\n" + root + "\nx"}) {
    EXPECT_EQ(parse_checkpoint(bad).error(), Error::malformed) << bad;
  }
}

}  // namespace
}  // namespace wardline::merkle
