#include "client/net/url.h"

#include <gtest/gtest.h>

namespace wardline::client {
namespace {

TEST(ServerUrl, IsHttpsAHostAndPerhapsAPort) {
  for (const auto& [text, host, port] : {std::tuple{"https://ward.example", "ward.example", "443"},
                                         {"https://ward.example:8443/", "ward.example", "8443"},
                                         {"https://[::1]", "[::1]", "443"},
                                         {"https://[::1]:8443", "[::1]", "8443"}}) {
    const auto url = ServerUrl::parse(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->host, host);
    EXPECT_EQ(url->port, port);
  }
  for (const char* bad : {"", "http://ward.example", "ward.example", "https://", "https://:8443",
                          "https://ward.example:", "https://ward.example:a", "https://ward.example:1:2",
                          "https://[::1", "https://[::1]x", "https://ward.example/x"})
    EXPECT_FALSE(ServerUrl::parse(bad)) << bad;
}

}  // namespace
}  // namespace wardline::client
