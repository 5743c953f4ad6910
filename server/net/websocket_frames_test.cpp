// The frame decoder by itself: laws that hold for every cutting of the stream, and for garbage.
#include "server/net/impl/websocket_frames.h"

#include <random>

#include <gtest/gtest.h>

#include "server/net/testing/client.h"

namespace wardline::net {
namespace {

using testing::Client;

// Writes down what the decoder says, one line for each call.
struct Recorder final : FrameSink {
  std::vector<std::string> said;
  std::size_t largest = 0;
  void on_message(MessageKind kind, std::string_view message) override {
    said.push_back((kind == MessageKind::text ? "text " : "binary ") + std::string(message));
    largest = std::max(largest, message.size());
  }
  void on_ping(std::string_view data) override { said.push_back("ping " + std::string(data)); }
  void on_pong() override { said.emplace_back("pong"); }
  void on_close(std::uint16_t code) override { said.push_back("close " + std::to_string(code)); }
};

std::string random_text(std::mt19937& random, std::size_t size) {
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

TEST(FrameDecoder, SaysTheSameHoweverTheStreamIsCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    std::vector<std::string> expected;
    for (int i = 0; i < 10; ++i) {
      const bool is_text = random() % 2 == 0;
      std::string message;
      const auto fragments = 1 + random() % 4;
      for (std::size_t f = 0; f < fragments; ++f) {
        const std::string part = random_text(random, random() % 3 == 0 ? random() % 70'000 : random() % 200);
        const int opcode = f > 0 ? 0 : is_text ? 1 : 2;
        stream += Client::frame((f + 1 == fragments ? 0x80 : 0) | opcode, part);
        message += part;
        if (random() % 3 == 0 && f + 1 < fragments) {
          stream += Client::frame(0x89, "p");
          expected.emplace_back("ping p");
        }
      }
      expected.push_back((is_text ? "text " : "binary ") + message);
    }
    stream += Client::frame(0x88, "\x03\xe8");
    expected.emplace_back("close 1000");

    Recorder recorder;
    FrameDecoder decoder(1 << 20);
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size =
          std::min<std::size_t>(stream.size() - at, 1 + random() % (round % 2 ? 16'384 : 300));
      std::vector<std::uint8_t> piece(stream.begin() + static_cast<long>(at),
                                      stream.begin() + static_cast<long>(at + size));
      ASSERT_TRUE(decoder.feed(piece, recorder));
      at += size;
    }
    ASSERT_EQ(recorder.said, expected) << "round " << round;
  }
}

TEST(FrameDecoder, GarbageEndsInAnErrorOrInMessagesWithinTheLimit) {
  std::mt19937 random(11);
  int errors = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> garbage(random() % 400);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random());
    if (garbage.size() > 1 && round % 2 == 0) {  // Closer to frames: masked, without reserved bits.
      garbage[0] &= 0x8f;
      garbage[1] |= 0x80;
    }
    Recorder recorder;
    FrameDecoder decoder(1'000);
    if (!decoder.feed(garbage, recorder)) ++errors;
    EXPECT_LE(recorder.largest, 1'000u);
  }
  EXPECT_GT(errors, 10'000);
}

TEST(FrameDecoder, TakesNothingAfterAnErrorOrAClose) {
  for (const std::string& first : {Client::frame(0xc1, "x"), Client::frame(0x88, "")}) {
    Recorder recorder;
    FrameDecoder decoder(1'000);
    const std::string stream = first + Client::frame(0x81, "late");
    std::vector<std::uint8_t> bytes(stream.begin(), stream.end());
    (void)decoder.feed(bytes, recorder);
    (void)decoder.feed(bytes, recorder);
    for (const auto& said : recorder.said) EXPECT_EQ(said, "close 1005");
  }
}

TEST(Utf8, AgreesWithTheDefinitionOnEveryCharacterAndItsNeighbours) {
  const auto encode = [](std::uint32_t c) {
    std::string text;
    if (c < 0x80) return std::string(1, static_cast<char>(c));
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static constexpr int leads[] = {0, 0xc0, 0xe0, 0xf0};
    text += static_cast<char>(leads[more] | c >> (6 * more));
    for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
    return text;
  };
  for (std::uint32_t c = 0; c < 0x120000; ++c) {
    const bool valid = c < 0x110000 && (c < 0xd800 || c > 0xdfff);
    ASSERT_EQ(is_utf8(encode(c)), valid) << c;
  }
  for (const char* overlong :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x88\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(overlong));
  EXPECT_FALSE(is_utf8(std::string(17, 'a') + "\x80"));
  EXPECT_TRUE(is_utf8(std::string(17, 'a') + "\xc3\xa4" + std::string(9, 'b')));
}

}  // namespace
}  // namespace wardline::net
