#include "server/http/routes/delivery_json.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace wardline::http {
namespace {

using delivery::EntryKind;
using delivery::EntrySender;

core::DeviceId device(std::uint8_t number) { return core::DeviceId({number}); }

delivery::LogEntryPtr entry(EntryKind kind, std::optional<EntrySender> sender) {
  auto made = std::make_shared<delivery::LogEntry>();
  made->sequence = 7;
  made->kind = kind;
  made->sender = sender;
  made->body = {0xfb, 0xff, 0x01};
  return made;
}

std::string body_of(const net::SharedMessage& frame) {
  const auto parsed = json::parse(*frame).as_object();
  EXPECT_EQ(parsed.at("type").as_string(), "entry");
  EXPECT_EQ(parsed.at("sequence").as_int64(), 7);
  return std::string(parsed.at("body").as_string());
}

TEST(EntryFrame, EveryOtherDeviceSharesOneText) {
  const auto message = entry(EntryKind::message, EntrySender{core::UserId(), device(1)});
  const auto one = entry_frame(message, device(2));
  EXPECT_EQ(body_of(one), "-_8B");
  EXPECT_EQ(entry_frame(message, device(3)).get(), one.get());
}

TEST(EntryFrame, WhoSentAMessageGetsItsPlaceAndNotItsBody) {
  const auto message = entry(EntryKind::message, EntrySender{core::UserId(), device(1)});
  EXPECT_EQ(body_of(entry_frame(message, device(1))), "");
  EXPECT_EQ(body_of(entry_frame(message, device(2))), "-_8B") << "whoever is asked for first";
}

TEST(EntryFrame, WhatAllMustApplyComesWhole) {
  const auto commit = entry(EntryKind::commit, EntrySender{core::UserId(), device(1)});
  EXPECT_EQ(body_of(entry_frame(commit, device(1))), "-_8B");
  EXPECT_EQ(body_of(entry_frame(entry(EntryKind::proposal, {}), device(1))), "-_8B") << "of the server";
}

}  // namespace
}  // namespace wardline::http
