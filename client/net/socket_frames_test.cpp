#include "client/net/socket_frames.h"

#include <vector>

#include <gtest/gtest.h>

namespace wardline::client {
namespace {

struct Seen : FrameEvents {
  void on_text_message(std::string_view text) override { events.push_back("text " + std::string(text)); }
  void on_ping(std::string_view data) override { events.push_back("ping " + std::string(data)); }
  void on_close_frame() override { events.push_back("close"); }
  std::vector<std::string> events;
};

std::string frame(int first, std::string_view payload) {
  std::string bytes{static_cast<char>(first)};
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else {
    bytes += '\x7e';
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 0xff);
  }
  return bytes.append(payload);
}

constexpr int kFinal = 0x80;
constexpr int kText = 1;
constexpr int kPing = 9;

TEST(FrameReader, GivesTheSameMessagesHoweverTheStreamIsCut) {
  const std::string stream = frame(kFinal | kText, "one") + frame(kText, "tw") + frame(kFinal | kPing, "?") +
                             frame(kFinal, "o") + frame(kFinal | kText, std::string(300, 'x')) +
                             frame(kFinal | 8, "\x03\xe8");
  const std::vector<std::string> expected{"text one", "ping ?", "text two", "text " + std::string(300, 'x'),
                                          "close"};
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    FrameReader reader(1000);
    Seen seen;
    for (std::size_t at = 0; at < stream.size(); at += size)
      ASSERT_TRUE(reader.feed(std::string_view(stream).substr(at, size), seen));
    EXPECT_EQ(seen.events, expected) << size;
  }
}

// RFC 6455 §5.1, §5.2, §5.4, §5.5, and the bound that we set.
TEST(FrameReader, RefusesWhatAServerMustNotSend) {
  const std::vector<std::string> broken{
      std::string("\x81\x83") + "mask" + "abc",        // masked
      frame(0xc0 | kText, "x"),                        // a reserved bit
      frame(kFinal | 2, "x"),                          // binary: our contract has text frames only
      frame(kFinal, "x"),                              // a continuation of nothing
      frame(kText, "x") + frame(kFinal | kText, "y"),  // a message within a message
      frame(kFinal | 3, "x"),                          // an opcode that does not exist
      frame(kFinal | kText, std::string(301, 'x')),    // too large
      frame(kText, std::string(160, 'x')) + frame(0, std::string(160, 'x')),  // too large in pieces
      frame(kFinal | kPing, std::string(126, 'x')),  // a control frame that is not short
      frame(kPing, "x"),                             // a fragmented control frame
      std::string("\x81\x7e\x00\x01x", 5),           // a length that is longer than it need be
      std::string("\x81\x7f\0\0\0\0\0\0\0\x01x", 11),
  };
  for (const std::string& stream : broken) {
    FrameReader reader(300);
    Seen seen;
    EXPECT_FALSE(reader.feed(stream, seen)) << stream.substr(0, 8);
  }
}

// RFC 6455 §5.3: what is masked with the four bytes in the header gives the payload back.
TEST(MaskedFrame, CarriesItsMaskAndPayload) {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 70'000U}) {
    const std::string payload(size, 'p');
    std::string bytes = "before";
    append_masked_frame(bytes, Opcode::text, payload);
    bytes.erase(0, 6);
    EXPECT_EQ(static_cast<std::uint8_t>(bytes[0]), 0x81);
    const std::size_t header = size < 126 ? 2 : size < 65536 ? 4 : 10;
    ASSERT_EQ(bytes.size(), header + 4 + size);
    EXPECT_EQ(bytes[1] & 0x80, 0x80);
    std::string opened = bytes.substr(header + 4);
    for (std::size_t i = 0; i < size; ++i) opened[i] = static_cast<char>(opened[i] ^ bytes[header + i % 4]);
    EXPECT_EQ(opened, payload);
  }
}

TEST(AcceptKey, IsTheOneOfRfc6455Section1_3) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace wardline::client
