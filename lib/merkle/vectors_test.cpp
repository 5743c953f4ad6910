// The official vectors of RFC 6962 proofs (transparency-dev/merkle): good ones, and broken ones with wantErr.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/merkle/proof.h"

namespace wardline::merkle {
namespace {

namespace json = boost::json;

/// The vectors' hashes in our type. One that is empty or absent is refused here, as `hash_from` refuses it at
/// every boundary. The texts that some vectors use as hashes are replaced by their SHA-256: equal ones stay
/// equal.
class Hashes {
 public:
  explicit Hashes(const json::object& vector) : vector_(vector) {}

  Hash one(const char* name) { return hash_of(vector_.at(name)); }
  Proof proof() {
    Proof proof;
    if (const json::value& hashes = vector_.at("proof"); !hashes.is_null()) {
      for (const json::value& hash : hashes.as_array()) proof.push_back(hash_of(hash));
    }
    return proof;
  }
  std::uint64_t number(const char* name) const { return vector_.at(name).to_number<std::uint64_t>(); }
  bool all_are_hashes() const { return all_are_hashes_; }

 private:
  Hash hash_of(const json::value& value) {
    const Bytes bytes = value.is_null() ? Bytes{} : *from_base64(std::string_view(value.as_string()));
    if (bytes.empty()) all_are_hashes_ = false;
    if (const auto hash = hash_from(bytes)) return *hash;
    return *hash_from(crypto::sha256(bytes));
  }

  const json::object& vector_;
  bool all_are_hashes_ = true;
};

Result<void> inclusion(Hashes& v) {
  return verify_inclusion(v.number("leafIdx"), v.number("treeSize"), v.one("leafHash"), v.proof(),
                          v.one("root"));
}

Result<void> consistency(Hashes& v) {
  return verify_consistency(v.number("size1"), v.number("size2"), v.one("root1"), v.one("root2"), v.proof());
}

Result<void> subtree_inclusion(Hashes& v) {
  return verify_subtree_inclusion(v.number("leafIdx"), v.number("start"), v.number("end"), v.one("leafHash"),
                                  v.proof(), v.one("root"));
}

Result<void> subtree_consistency(Hashes& v) {
  return verify_subtree_consistency(v.number("start"), v.number("end"), v.number("size"), v.one("root1"),
                                    v.one("root2"), v.proof());
}

void run_folder(const std::string& name, int least, Result<void> (*verify)(Hashes&)) {
  const std::filesystem::path folder = std::filesystem::path(WARDLINE_SHARED_DIR) / "vectors/merkle" / name;
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "not run: no vectors in ../shared/vectors/merkle/" << name;
  int run = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const json::object vector = json::parse(text.str()).as_object();
    Hashes hashes(vector);
    const bool holds = verify(hashes).has_value() && hashes.all_are_hashes();
    EXPECT_EQ(holds, !vector.at("wantErr").as_bool()) << file.path();
    ++run;
  }
  EXPECT_GE(run, least);
}

TEST(MerkleVectors, InclusionProofs) { run_folder("inclusion", 98, inclusion); }
TEST(MerkleVectors, ConsistencyProofs) { run_folder("consistency", 98, consistency); }
TEST(MerkleVectors, SubtreeInclusionProofs) { run_folder("subtreeinclusion", 204, subtree_inclusion); }
TEST(MerkleVectors, SubtreeConsistencyProofs) { run_folder("subtreeconsistency", 118, subtree_consistency); }

}  // namespace
}  // namespace wardline::merkle
