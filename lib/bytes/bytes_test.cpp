#include "lib/bytes/bytes.h"

#include <algorithm>
#include <cctype>

#include <gtest/gtest.h>

#include "lib/bytes/secret_bytes.h"
#include "lib/bytes/text.h"

namespace wardline {
namespace {

TEST(Text, HexRoundTripsEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_hex(to_hex(all)), all);
  EXPECT_EQ(from_base64(to_base64(all)), all);
  EXPECT_EQ(from_base64url(to_base64url(all)), all);
}

TEST(Text, Base64MatchesTheVectorsOfRfc4648Section10) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(from_base64(encoded), to_bytes(as_bytes(plain)));
    const std::string unpadded = encoded.substr(0, encoded.find('='));
    EXPECT_EQ(to_base64url(as_bytes(plain)), unpadded);
    EXPECT_EQ(from_base64url(unpadded), to_bytes(as_bytes(plain)));
  }
}

TEST(Text, RefusesASecondSpellingOfTheSameBytes) {
  EXPECT_FALSE(from_base64("Zh=="));
  EXPECT_FALSE(from_base64url("Zh"));
  EXPECT_FALSE(from_base64url("Zg=="));
  EXPECT_FALSE(from_base64("Zg"));
  EXPECT_FALSE(from_base64url("Z"));
  EXPECT_FALSE(from_base64url("Zm9"));
  EXPECT_FALSE(from_base64("Zm9v\n"));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

// Each of the 64 characters of an alphabet, in each place of a group; nothing else.
// Bit by bit, as RFC 4648 section 4 words it.
std::string base64url_of(const Bytes& bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    int value = 0;
    for (std::size_t at = bit; at < bit + 6; ++at) {
      const int one = at < bytes.size() * 8 ? bytes[at / 8] >> (7 - at % 8) & 1 : 0;
      value = value * 2 + one;
    }
    text += kLetters[static_cast<std::size_t>(value)];
  }
  return text;
}

TEST(Text, Base64OfEveryLengthIsWhatTheBitsSay) {
  Bytes bytes;
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string text = base64url_of(bytes);
    ASSERT_EQ(to_base64url(bytes), text) << length;
    ASSERT_EQ(from_base64url(text), bytes) << length;
    std::string standard = to_base64(bytes);
    ASSERT_EQ(from_base64(standard), bytes) << length;
    std::ranges::replace(standard, '+', '-');
    std::ranges::replace(standard, '/', '_');
    ASSERT_EQ(standard.substr(0, text.size()), text) << length;
    bytes.push_back(static_cast<std::uint8_t>(length * 151 + length / 7));
  }
}

// Long texts are taken in blocks: a character that does not belong is seen wherever it stands in one.
TEST(Text, Base64SeesAWrongCharacterAtEveryPlaceOfALongText) {
  const std::string right = to_base64url(Bytes(90, 0x5a));
  for (std::size_t place = 0; place < right.size(); ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text = right;
      text[place] = static_cast<char>(c);
      const bool fits = std::isalnum(c) != 0 || c == '-' || c == '_';
      const auto bytes = from_base64url(text);
      ASSERT_EQ(bytes.has_value(), fits) << place << ' ' << c;
      if (bytes) {
        ASSERT_EQ(base64url_of(*bytes), text);
      }
    }
  }
}

TEST(Text, Base64TakesTheCharactersOfItsAlphabetAndNoOthers) {
  for (int c = 0; c < 256; ++c) {
    const bool common = std::isalnum(c) != 0 && c < 128;
    for (const std::size_t at : {0, 1, 2, 3, 4, 5}) {
      std::string text = "AAAAAA";
      text[at] = static_cast<char>(c);
      const bool has_spare_bits = at == 5 && (c == 'A' || c == 'Q' || c == 'g' || c == 'w');
      const bool fits = at < 5 || has_spare_bits;
      EXPECT_EQ(from_base64url(text).has_value(), fits && (common || c == '-' || c == '_'))
          << c << " at " << at;
      EXPECT_EQ(from_base64(text + "==").has_value(), fits && (common || c == '+' || c == '/'))
          << c << " at " << at;
    }
  }
}

TEST(SecretBytes, ConstantTimeEqualComparesLengthAndContent) {
  EXPECT_TRUE(constant_time_equal(as_bytes("secret"), as_bytes("secret")));
  EXPECT_FALSE(constant_time_equal(as_bytes("secret"), as_bytes("secreT")));
  EXPECT_FALSE(constant_time_equal(as_bytes("secret"), as_bytes("secre")));
  EXPECT_TRUE(constant_time_equal({}, {}));
}

TEST(Uuid, HasOneTextForm) {
  EXPECT_TRUE(is_uuid("0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b"));
  for (const char* text :
       {"", "0190A1B2-c3d4-7e5f-8a6b-0c1d2e3f4a5b", "0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5",
        "0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b0", "0190a1b2ac3d4-7e5f-8a6b-0c1d2e3f4a5b",
        "0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5g", "../../../../../../../../../../../../.."}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

TEST(SecretBytes, MovingLeavesNothingBehind) {
  SecretBytes secret(as_bytes("key"));
  const SecretBytes moved = std::move(secret);
  EXPECT_TRUE(secret.empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
  EXPECT_EQ(as_text(moved.view()), "key");
}

TEST(SecretBytes, WipeOverwritesTheMemory) {
  Bytes memory = to_bytes(as_bytes("key"));
  wipe(memory);
  EXPECT_EQ(memory, Bytes(3, 0));
}

}  // namespace
}  // namespace wardline
