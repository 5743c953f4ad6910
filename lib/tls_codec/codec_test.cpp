#include "lib/tls_codec/codec.h"

#include <gtest/gtest.h>

#include "lib/bytes/text.h"

namespace wardline::tls {
namespace {

enum class Colour : std::uint16_t { red = 1, green = 2 };

struct Inner {
  std::uint32_t number = 0;
  std::optional<Bytes> maybe;
  WARDLINE_TLS_FIELDS(number, maybe)
  bool operator==(const Inner&) const = default;
};

struct Outer {
  Colour colour = Colour::red;
  std::string text;
  std::vector<Inner> items;
  std::array<std::uint8_t, 2> fixed{};
  WARDLINE_TLS_FIELDS(colour, text, items, fixed)
  bool operator==(const Outer&) const = default;
};

TEST(Codec, StructsRoundTripThroughOneFieldList) {
  const Outer value{Colour::green, "ward", {{7, std::nullopt}, {8, Bytes{1, 2}}}, {9, 10}};
  const Bytes wire = encode(value);
  EXPECT_EQ(to_hex(wire),
            "0002"
            "0477617264"
            "0d"
            "0000000700"
            "0000000801020102"
            "090a");
  EXPECT_EQ(decode<Outer>(wire).value(), value);
}

TEST(Codec, EveryPrefixOfAValueIsTruncated) {
  const Bytes wire = encode(Outer{Colour::green, "ward", {{7, Bytes{1}}}, {9, 10}});
  for (std::size_t size = 0; size < wire.size(); ++size) {
    EXPECT_FALSE(decode<Outer>(ByteView(wire).first(size)).has_value()) << size;
  }
}

TEST(Codec, TrailingBytesAreAnError) {
  Bytes wire = encode(Inner{1, std::nullopt});
  wire.push_back(0);
  EXPECT_EQ(decode<Inner>(wire).error(), Error::trailing_bytes);
}

TEST(Codec, Rfc9420Section2_1_2LengthsMustBeMinimal) {
  for (const char* hex : {"4000", "403f", "80000000", "80003fff", "c0", "ff"}) {
    const Bytes wire = *from_hex(hex);
    Reader in(wire);
    in.length();
    EXPECT_FALSE(in.ok()) << hex;
  }
  for (const auto& [hex, expected] : std::vector<std::pair<std::string, std::size_t>>{
           {"9d7f3e7d", 494878333}, {"7bbd", 15293}, {"25", 37}}) {
    const Bytes wire = *from_hex(hex);
    Reader in(wire);
    EXPECT_EQ(in.length(), expected);
    Writer out;
    out.length(expected);
    EXPECT_EQ(out.bytes(), wire);
  }
}

TEST(Codec, AnAnnouncedLengthWithoutItsBytesAllocatesNothing) {
  EXPECT_EQ(decode<Bytes>(*from_hex("bfffffff")).error(), Error::truncated);
  EXPECT_EQ(decode<std::vector<Inner>>(*from_hex("bfffffff00")).error(), Error::truncated);
}

TEST(Codec, OptionalFlagsOtherThanZeroAndOneAreRefused) {
  EXPECT_EQ(decode<std::optional<Bytes>>(*from_hex("0200")).error(), Error::invalid_value);
}

}  // namespace
}  // namespace wardline::tls
