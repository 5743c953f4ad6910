#include "server/http/byte_range.h"

#include <limits>

#include <gtest/gtest.h>

namespace wardline::http {
namespace {

TEST(ByteRange, TakesOneRangeWithOrWithoutAnEnd) {
  EXPECT_EQ(parse_range("bytes=0-499"), (ByteRange{0, 499}));
  EXPECT_EQ(parse_range("bytes=7-7"), (ByteRange{7, 7}));
  EXPECT_EQ(parse_range("bytes=500-"), (ByteRange{500, std::numeric_limits<std::uint64_t>::max()}));
}

TEST(ByteRange, RefusesWhatIsMalformedBackwardsFromTheEndOrMoreThanOne) {
  for (const char* bad :
       {"", "bytes", "bytes=", "bytes=-", "bytes=-5", "bytes=5-4", "bytes=a-b", "bytes=0-1,3-4", "bytes=0-1 ",
        "bytes= 0-1", "octets=0-1", "bytes=+1-2", "bytes=0x1-2", "bytes=1--2", "bytes=18446744073709551616-",
        "bytes=0-18446744073709551616"})
    EXPECT_FALSE(parse_range(bad)) << bad;
}

TEST(ByteRange, ContentRangesSayWhatTheyAreAPartOf) {
  const auto part = parse_content_range("bytes 0-499/1234");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->range, (ByteRange{0, 499}));
  EXPECT_EQ(part->size, 1234u);
  EXPECT_EQ(content_range(*part), "bytes 0-499/1234");
  for (const char* bad : {"", "bytes 0-499/*", "bytes */1234", "bytes 5-4/10", "bytes 0-10/10", "bytes 0-0/0",
                          "bytes=0-1/2", "bytes 0-1/2 ", "bytes 0-1", "bytes 0-/2", "bytes -1/2"})
    EXPECT_FALSE(parse_content_range(bad)) << bad;
}

}  // namespace
}  // namespace wardline::http
