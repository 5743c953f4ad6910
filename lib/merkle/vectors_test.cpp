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

/// A value that is not 32 bytes long cannot even be written in our types. Its SHA-256 stands in for it, so
/// that equal values stay equal and a broken one stays wrong.
Hash hash_of(const json::value& value) {
  const Bytes bytes = value.is_null() ? Bytes{} : *from_base64(std::string_view(value.as_string()));
  if (const auto hash = hash_from(bytes)) return *hash;
  return *hash_from(crypto::sha256(bytes));
}

Proof proof_of(const json::value& value) {
  Proof proof;
  if (!value.is_null()) {
    for (const json::value& hash : value.as_array()) proof.push_back(hash_of(hash));
  }
  return proof;
}

std::uint64_t number(const json::object& vector, const char* name) {
  return vector.at(name).to_number<std::uint64_t>();
}

bool holds_inclusion(const json::object& v) {
  return verify_inclusion(number(v, "leafIdx"), number(v, "treeSize"), hash_of(v.at("leafHash")),
                          proof_of(v.at("proof")), hash_of(v.at("root")))
      .has_value();
}

bool holds_consistency(const json::object& v) {
  return verify_consistency(number(v, "size1"), number(v, "size2"), hash_of(v.at("root1")),
                            hash_of(v.at("root2")), proof_of(v.at("proof")))
      .has_value();
}

bool holds_subtree_inclusion(const json::object& v) {
  return verify_subtree_inclusion(number(v, "leafIdx"), number(v, "start"), number(v, "end"),
                                  hash_of(v.at("leafHash")), proof_of(v.at("proof")), hash_of(v.at("root")))
      .has_value();
}

bool holds_subtree_consistency(const json::object& v) {
  return verify_subtree_consistency(number(v, "start"), number(v, "end"), number(v, "size"),
                                    hash_of(v.at("root1")), hash_of(v.at("root2")), proof_of(v.at("proof")))
      .has_value();
}

void run_folder(const std::string& name, int least, bool (*holds)(const json::object&)) {
  const std::filesystem::path folder = std::filesystem::path(WARDLINE_SHARED_DIR) / "vectors/merkle" / name;
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "not run: no vectors in ../shared/vectors/merkle/" << name;
  int run = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const json::object vector = json::parse(text.str()).as_object();
    EXPECT_EQ(holds(vector), !vector.at("wantErr").as_bool()) << file.path();
    ++run;
  }
  EXPECT_GE(run, least);
}

TEST(MerkleVectors, InclusionProofs) { run_folder("inclusion", 98, holds_inclusion); }
TEST(MerkleVectors, ConsistencyProofs) { run_folder("consistency", 98, holds_consistency); }
TEST(MerkleVectors, SubtreeInclusionProofs) { run_folder("subtreeinclusion", 204, holds_subtree_inclusion); }
TEST(MerkleVectors, SubtreeConsistencyProofs) {
  run_folder("subtreeconsistency", 118, holds_subtree_consistency);
}

}  // namespace
}  // namespace wardline::merkle
