// The labelled primitives of RFC 9420 §5.1, §5.2, §8 and §9 over this module, against the working group's
// vectors for all seven suites: shows that what lib/mls builds on is right before any of lib/mls runs.
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/hpke.h"
#include "lib/crypto/signature.h"

namespace wardline::crypto {
namespace {

namespace json = boost::json;

Bytes hex(const json::value& object, std::string_view name) {
  return from_hex(object.at(name).as_string()).value();
}

/// RFC 9420 §2.1.2: variable-size vector, for the lengths that occur here.
Bytes opaque(ByteView content) {
  EXPECT_LT(content.size(), 16384u);
  const auto size = content.size();
  if (size < 64) return concat(Bytes{static_cast<std::uint8_t>(size)}, content);
  return concat(Bytes{static_cast<std::uint8_t>(0x40 | size >> 8), static_cast<std::uint8_t>(size)}, content);
}

Bytes labeled(const json::value& object, std::string_view prefix, ByteView content) {
  const std::string label = std::string(prefix) + object.at("label").as_string().c_str();
  return concat(opaque(as_bytes(label)), opaque(content));
}

class MlsBasics : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    std::ifstream in(std::string(WARDLINE_SHARED_DIR) + "/vectors/mls/crypto-basics.json");
    if (!in) GTEST_SKIP() << "not run: no ../shared/vectors/mls/crypto-basics.json";
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const json::value document = json::parse(text);
    for (const json::value& one : document.as_array()) {
      if (one.at("cipher_suite").as_int64() == GetParam()) vectors_ = one;
    }
    ASSERT_TRUE(vectors_.is_object());
  }

  Bytes expand_with_label(const json::value& vector, ByteView context, std::size_t length) const {
    const Bytes size = {static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
    const Bytes info = concat(size, labeled(vector, "MLS 1.0 ", context));
    return to_bytes(hkdf_expand(suite_.hash, hex(vector, "secret"), info, length)->view());
  }

  const Suite& suite_ = *find_suite(static_cast<CipherSuite>(GetParam()));
  json::value vectors_;
};

TEST_P(MlsBasics, RefHash) {
  const json::value& vector = vectors_.at("ref_hash");
  EXPECT_EQ(hash(suite_.hash, labeled(vector, "", hex(vector, "value"))), hex(vector, "out"));
}

TEST_P(MlsBasics, ExpandWithLabelAndDeriveSecret) {
  const json::value& expand = vectors_.at("expand_with_label");
  const auto length = static_cast<std::size_t>(expand.at("length").as_int64());
  EXPECT_EQ(expand_with_label(expand, hex(expand, "context"), length), hex(expand, "out"));
  const json::value& derive = vectors_.at("derive_secret");
  EXPECT_EQ(expand_with_label(derive, {}, suite_.hash_size), hex(derive, "out"));
  const json::value& tree = vectors_.at("derive_tree_secret");
  const auto generation = static_cast<std::uint32_t>(tree.at("generation").as_int64());
  Bytes context;
  for (int shift = 24; shift >= 0; shift -= 8)
    context.push_back(static_cast<std::uint8_t>(generation >> shift));
  EXPECT_EQ(expand_with_label(tree, context, static_cast<std::size_t>(tree.at("length").as_int64())),
            hex(tree, "out"));
}

TEST_P(MlsBasics, SignWithLabel) {
  const json::value& vector = vectors_.at("sign_with_label");
  const Bytes content = labeled(vector, "MLS 1.0 ", hex(vector, "content"));
  const auto key = VerificationKey::from_raw(suite_.signature, hex(vector, "pub"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->verify(content, hex(vector, "signature")));
  const auto signer = SigningKey::from_raw(suite_.signature, hex(vector, "priv"));
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->public_key(), hex(vector, "pub"));
  EXPECT_TRUE(key->verify(content, signer->sign(content).value()));
}

TEST_P(MlsBasics, EncryptWithLabel) {
  const json::value& vector = vectors_.at("encrypt_with_label");
  const Bytes info = labeled(vector, "MLS 1.0 ", hex(vector, "context"));
  const auto key = HpkePrivateKey::from_raw(suite_, hex(vector, "priv"));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key(), hex(vector, "pub"));
  const auto opened = hpke_open(suite_, *key, hex(vector, "kem_output"), info, {}, hex(vector, "ciphertext"));
  ASSERT_TRUE(opened);
  EXPECT_TRUE(equal(opened->view(), hex(vector, "plaintext")));
}

INSTANTIATE_TEST_SUITE_P(EverySuite, MlsBasics, testing::Range(1, 8));

}  // namespace
}  // namespace wardline::crypto
