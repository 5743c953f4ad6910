#include "lib/crypto/hash.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"

namespace wardline::crypto {
namespace {

constexpr std::array kAll = {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512};

Bytes hex(std::string_view text) { return from_hex(text).value(); }

TEST(Hash, MatchesTheExamplesOfFips180) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(
      to_hex(hash(HashAlgorithm::sha384, as_bytes("abc"))),
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(hash(HashAlgorithm::sha512, as_bytes("abc"))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
            "454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, OfPiecesIsTheHashOfTheWhole) {
  for (const HashAlgorithm algorithm : kAll) {
    const Bytes whole = hash(algorithm, as_bytes("one two three"));
    EXPECT_EQ(hash(algorithm, {as_bytes("one "), {}, as_bytes("two three")}), whole);
    Hasher first(algorithm);
    first.update(as_bytes("one "));
    Hasher second = std::move(first);
    second.update(as_bytes("two"));
    second.update({});
    second.update(as_bytes(" three"));
    EXPECT_EQ(second.finish(), whole);
  }
}

TEST(Hash, TwoAtATimeDoNotDisturbEachOther) {
  Hasher one(HashAlgorithm::sha256);
  one.update(as_bytes("a"));
  EXPECT_NE(sha256(as_bytes("x")), hmac(HashAlgorithm::sha256, as_bytes("k"), as_bytes("x")));
  one.update(as_bytes("bc"));
  EXPECT_EQ(one.finish(), sha256(as_bytes("abc")));
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(to_hex(hmac(HashAlgorithm::sha256, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // A key longer than the block is hashed first.
  EXPECT_EQ(to_hex(hmac(HashAlgorithm::sha256, Bytes(131, 0xaa),
                        as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, OfPartsMayOverwriteItsInput) {
  for (const HashAlgorithm algorithm : kAll) {
    Bytes memory(size_of(algorithm), 7);
    const Bytes expected = hmac(algorithm, memory, concat(memory, as_bytes("tail")));
    hmac_into(algorithm, Bytes(size_of(algorithm), 7), {memory, as_bytes("tail")}, memory);
    EXPECT_EQ(memory, expected);
  }
}

TEST(Hkdf, MatchesRfc5869AppendixA) {
  const SecretBytes key =
      hkdf_extract(HashAlgorithm::sha256, hex("000102030405060708090a0b0c"), Bytes(22, 0x0b));
  EXPECT_EQ(to_hex(key.view()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  const auto output = hkdf_expand(HashAlgorithm::sha256, key.view(), hex("f0f1f2f3f4f5f6f7f8f9"), 42);
  EXPECT_EQ(to_hex(output->view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, AnEmptySaltIsAStringOfZeros) {
  for (const HashAlgorithm algorithm : kAll) {
    EXPECT_TRUE(equal(hkdf_extract(algorithm, {}, as_bytes("ikm")).view(),
                      hkdf_extract(algorithm, Bytes(size_of(algorithm), 0), as_bytes("ikm")).view()));
  }
}

TEST(Hkdf, TakesInfoAndKeyMaterialInParts) {
  const SecretBytes key =
      hkdf_extract(HashAlgorithm::sha384, as_bytes("salt"), {as_bytes("key "), as_bytes("material")});
  EXPECT_TRUE(equal(key.view(),
                    hkdf_extract(HashAlgorithm::sha384, as_bytes("salt"), as_bytes("key material")).view()));
  const auto parts =
      hkdf_expand(HashAlgorithm::sha384, key.view(), {as_bytes("in"), {}, as_bytes("fo")}, 100);
  const auto whole = hkdf_expand(HashAlgorithm::sha384, key.view(), as_bytes("info"), 100);
  EXPECT_TRUE(equal(parts->view(), whole->view()));
}

TEST(Hkdf, ExpandsUpTo255BlocksAndNoFurther) {
  for (const HashAlgorithm algorithm : kAll) {
    const Bytes key(size_of(algorithm), 1);
    EXPECT_EQ(hkdf_expand(algorithm, key, as_bytes("i"), 255 * size_of(algorithm))->size(),
              255 * size_of(algorithm));
    EXPECT_EQ(hkdf_expand(algorithm, key, as_bytes("i"), 255 * size_of(algorithm) + 1).error(),
              Error::bad_length);
    EXPECT_TRUE(hkdf_expand(algorithm, key, as_bytes("i"), 0)->empty());
  }
}

}  // namespace
}  // namespace wardline::crypto
