// C2SP's Wycheproof vectors, each file whose algorithm we offer, through the same interface as everybody else
// uses.
#include <filesystem>
#include <fstream>
#include <map>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/diffie_hellman.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/signature.h"

namespace wardline::crypto {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

const fs::path kFolder = fs::path(WARDLINE_SHARED_DIR) / "vectors" / "wycheproof";

enum class Verdict { valid, acceptable, invalid };

/// One vector with its group around it.
struct Vector {
  const json::object& group;
  const json::object& test;

  Bytes hex(std::string_view name) const { return from_hex(test.at(name).as_string()).value(); }
  std::string_view group_text(std::string_view name) const { return group.at(name).as_string(); }
  Verdict verdict() const {
    const std::string_view result = test.at("result").as_string();
    return result == "valid" ? Verdict::valid : result == "invalid" ? Verdict::invalid : Verdict::acceptable;
  }
  bool has_flag(std::string_view flag) const {
    const auto& flags = test.at("flags").as_array();
    return std::ranges::any_of(flags, [&](const json::value& one) { return one.as_string() == flag; });
  }
  std::string label() const {
    return "vector " + std::to_string(test.at("tcId").as_int64()) + ": " +
           std::string(test.at("comment").as_string());
  }
};

using Check = void (*)(const Vector&);

void check_aes_gcm(const Vector& vector) {
  const std::size_t key_size = vector.hex("key").size();
  const auto algorithm = key_size == 16 ? AeadAlgorithm::aes_128_gcm : AeadAlgorithm::aes_256_gcm;
  const Bytes sealed = concat(vector.hex("ct"), vector.hex("tag"));
  const auto opened = aead_open(algorithm, vector.hex("key"), vector.hex("iv"), vector.hex("aad"), sealed);
  const auto again =
      aead_seal(algorithm, vector.hex("key"), vector.hex("iv"), vector.hex("aad"), vector.hex("msg"));
  if (key_size == 24 || vector.hex("iv").size() != kNonceSize) {
    EXPECT_EQ(opened.error(), Error::bad_length);  // Neither AES-192 nor other nonces are on offer.
    EXPECT_EQ(again.error(), Error::bad_length);
  } else if (vector.verdict() == Verdict::valid) {
    ASSERT_TRUE(opened);
    EXPECT_TRUE(equal(opened->view(), vector.hex("msg")));
    EXPECT_EQ(again, sealed);
  } else {
    EXPECT_FALSE(opened);
  }
}

/// The vectors' private keys are integers of any length; ours have the size of the field.
Bytes resized(Bytes scalar, std::size_t size) {
  while (scalar.size() > size) {
    EXPECT_EQ(scalar.front(), 0);
    scalar.erase(scalar.begin());
  }
  scalar.insert(scalar.begin(), size - scalar.size(), 0);
  return scalar;
}

void check_ecdh(const Vector& vector) {
  static const std::map<std::string_view, std::pair<KemAlgorithm, std::size_t>> curves = {
      {"secp256r1", {KemAlgorithm::p256, 32}},
      {"secp384r1", {KemAlgorithm::p384, 48}},
      {"secp521r1", {KemAlgorithm::p521, 66}}};
  const auto [kem, size] = curves.at(vector.group_text("curve"));
  const auto key = DhPrivateKey::from_raw(kem, resized(vector.hex("private"), size));
  ASSERT_TRUE(key);
  const auto shared = key->agree(vector.hex("public"));
  // "Acceptable" are the compressed points, which RFC 9420 §5.1.1 does not admit.
  ASSERT_EQ(shared.has_value(), vector.verdict() == Verdict::valid);
  if (shared) {
    EXPECT_TRUE(equal(shared->view(), vector.hex("shared")));
  } else {
    EXPECT_EQ(shared.error(), Error::bad_key);
  }
}

void check_x25519(const Vector& vector) {
  const auto key = DhPrivateKey::from_raw(KemAlgorithm::x25519, vector.hex("private"));
  ASSERT_TRUE(key);
  const auto shared = key->agree(vector.hex("public"));
  if (vector.has_flag("ZeroSharedSecret")) {
    EXPECT_EQ(shared.error(), Error::bad_key);  // RFC 9180 §7.1.4
  } else {
    ASSERT_TRUE(shared);
    EXPECT_TRUE(equal(shared->view(), vector.hex("shared")));
  }
}

template <SignatureAlgorithm Algorithm>
void check_signature(const Vector& vector) {
  const auto& described = vector.group.at("publicKey").as_object();
  const char* form = described.contains("uncompressed") ? "uncompressed" : "pk";
  const auto key = VerificationKey::from_raw(Algorithm, *from_hex(described.at(form).as_string()));
  ASSERT_TRUE(key);
  const auto verified = key->verify(vector.hex("msg"), vector.hex("sig"));
  EXPECT_EQ(verified.has_value(), vector.verdict() == Verdict::valid);
}

template <HashAlgorithm Algorithm>
void check_hkdf(const Vector& vector) {
  const auto size = static_cast<std::size_t>(vector.test.at("size").as_int64());
  const SecretBytes key = hkdf_extract(Algorithm, vector.hex("salt"), vector.hex("ikm"));
  const auto output = hkdf_expand(Algorithm, key.view(), vector.hex("info"), size);
  ASSERT_EQ(output.has_value(), vector.verdict() == Verdict::valid);
  if (output) {
    EXPECT_TRUE(equal(output->view(), vector.hex("okm")));
  }
}

template <HashAlgorithm Algorithm>
void check_hmac(const Vector& vector) {
  const Bytes tag = vector.hex("tag");
  const Bytes code = hmac(Algorithm, vector.hex("key"), vector.hex("msg"));
  EXPECT_EQ(constant_time_equal(ByteView(code).first(tag.size()), tag), vector.verdict() == Verdict::valid);
}

/// Every file that we know; a null check is an algorithm that lib/crypto does not offer.
const std::map<std::string, Check> kFiles = {
    {"aes_gcm_test.json", check_aes_gcm},
    {"ecdh_secp256r1_ecpoint_test.json", check_ecdh},
    {"ecdh_secp384r1_ecpoint_test.json", check_ecdh},
    {"ecdh_secp521r1_ecpoint_test.json", check_ecdh},
    {"x25519_test.json", check_x25519},
    {"ecdsa_secp256r1_sha256_test.json", check_signature<SignatureAlgorithm::ecdsa_p256_sha256>},
    {"ecdsa_secp384r1_sha384_test.json", check_signature<SignatureAlgorithm::ecdsa_p384_sha384>},
    {"ecdsa_secp521r1_sha512_test.json", check_signature<SignatureAlgorithm::ecdsa_p521_sha512>},
    {"ed25519_test.json", check_signature<SignatureAlgorithm::ed25519>},
    {"hkdf_sha256_test.json", check_hkdf<HashAlgorithm::sha256>},
    {"hkdf_sha384_test.json", check_hkdf<HashAlgorithm::sha384>},
    {"hkdf_sha512_test.json", check_hkdf<HashAlgorithm::sha512>},
    {"hmac_sha256_test.json", check_hmac<HashAlgorithm::sha256>},
    {"hmac_sha384_test.json", check_hmac<HashAlgorithm::sha384>},
    {"hmac_sha512_test.json", check_hmac<HashAlgorithm::sha512>},
    {"aes_kwp_test.json", nullptr},
    {"aes_wrap_test.json", nullptr},
    {"rsa_signature_2048_sha256_test.json", nullptr},
};

class Wycheproof : public testing::TestWithParam<std::string> {};

TEST_P(Wycheproof, EveryVectorGivesTheVerdictThatItShould) {
  std::ifstream in(kFolder / GetParam());
  if (!in) GTEST_SKIP() << "not run: no " << GetParam() << " in ../shared/vectors/wycheproof";
  const Check check = kFiles.at(GetParam());
  if (check == nullptr) GTEST_SKIP() << "not run: lib/crypto does not offer this algorithm";
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const json::value document = json::parse(text);
  std::int64_t checked = 0;
  for (const json::value& group : document.at("testGroups").as_array()) {
    for (const json::value& test : group.at("tests").as_array()) {
      const Vector vector{group.as_object(), test.as_object()};
      SCOPED_TRACE(vector.label());
      check(vector);
      ++checked;
    }
  }
  EXPECT_EQ(checked, document.at("numberOfTests").as_int64());
}

std::vector<std::string> known_files() {
  std::vector<std::string> names;
  for (const auto& [name, check] : kFiles) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Files, Wycheproof, testing::ValuesIn(known_files()), [](const auto& file) {
  return file.param.substr(0, file.param.find("_test.json"));
});

TEST(WycheproofFolder, HoldsNoFileThatNobodyHasLookedAt) {
  if (!fs::exists(kFolder)) GTEST_SKIP() << "not run: no ../shared/vectors/wycheproof";
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    EXPECT_TRUE(kFiles.contains(entry.path().filename())) << entry.path().filename();
  }
}

}  // namespace
}  // namespace wardline::crypto
