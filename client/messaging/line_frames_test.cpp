#include "client/messaging/line_frames.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

constexpr auto kConversation = "01900000-0000-7000-8000-000000000001";
constexpr auto kMessage = "01900000-0000-7000-8000-000000000002";

TEST(LineFrames, AMessageIsSentWithAllThatTheServerWantsOfIt) {
  const Bytes bytes(700, 0xfe);
  const auto frame = json::parse(send_frame(-3, kConversation, {kMessage, 7, bytes, Priority::urgent, true}));
  const json::object expected{{"type", "send"},
                              {"ref", -3},
                              {"conversation_id", kConversation},
                              {"idempotency_id", kMessage},
                              {"epoch", 7},
                              {"priority", "urgent"},
                              {"needs_acknowledgement", true},
                              {"message", to_base64url(bytes)}};
  EXPECT_EQ(frame.as_object(), expected);
}

TEST(LineFrames, AGreetingSaysHowFarEachConversationIs) {
  const std::vector<LineCursor> cursors{{kConversation, 12}};
  EXPECT_EQ(hello_frame(cursors), std::string(R"({"type":"hello","cursors":[{"conversation_id":")") +
                                      kConversation + R"(","after":12}]})");
  EXPECT_EQ(hello_frame({}), R"({"type":"hello","cursors":[]})");
}

}  // namespace
}  // namespace wardline::client
