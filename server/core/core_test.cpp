#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "server/core/burst.h"
#include "server/core/clock.h"
#include "server/core/error.h"
#include "server/core/id.h"
#include "server/core/log.h"

namespace wardline::core {
namespace {

TEST(Id, NewIdsAreVersionSevenAndSortByTimeOfCreation) {
  UserId last;
  for (int i = 0; i < 10000; ++i) {
    const auto id = new_id<UserId>();
    EXPECT_LT(last, id);
    EXPECT_EQ(id.view()[6] >> 4, 7);
    EXPECT_EQ(id.view()[8] >> 6, 2);
    last = id;
  }
}

TEST(Id, TextFormRoundTripsAndRefusesAnythingElse) {
  const auto id = new_id<DeviceId>();
  EXPECT_EQ(DeviceId::parse(id.to_string()), id);
  const std::string written = "018f3c5e-0123-7abc-8def-0123456789ab";
  EXPECT_EQ(DeviceId::parse(written)->to_string(), written);
  EXPECT_EQ(DeviceId::parse("018F3C5E-0123-7ABC-8DEF-0123456789AB"), DeviceId::parse(written));
  for (const char* bad : {"", "not-a-uuid", "018f3c5e-0000-7000-8000-00000000000",
                          "018f3c5e000070008000-000000000000ab", "018f3c5g-0000-7000-8000-000000000000",
                          "018f3c5e-0000-7000-8000-00000000000g", "018f3c5e-0000-7000-80000-00000000000"}) {
    EXPECT_FALSE(DeviceId::parse(bad)) << bad;
  }
}

TEST(Id, ThreadsNeverMakeTheSameId) {
  std::vector<std::vector<UserId>> made(4);
  std::vector<std::thread> threads;
  for (auto& ids : made) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < 2000; ++i) ids.push_back(new_id<UserId>());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<UserId> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), 8000u);
}

TEST(Burst, WhatFollowsItsStepsWaitsForTheOutermostEnd) {
  std::string order;
  const auto note = [&order](char what) { core::Burst::at_end([&order, what] { order += what; }); };
  note('a');
  EXPECT_EQ(order, "a");  // There is none: at once.
  {
    const Burst outer;
    note('b');
    {
      const Burst inner;
      note('c');
    }
    std::thread([&] { note('d'); }).join();  // Other threads have their own.
    EXPECT_EQ(order, "ad");
  }
  EXPECT_EQ(order, "adbc");
}

// AUD-3: a text that a user wrote cannot be logged, because nothing converts it to a field.
static_assert(!std::is_constructible_v<log::Field, log::Literal, std::string>);
static_assert(!std::is_constructible_v<log::Field, log::Literal, std::string_view>);
static_assert(!std::is_constructible_v<log::Field, log::Literal, Bytes>);

TEST(Log, WritesOneJsonObjectPerLine) {
  testing::internal::CaptureStderr();
  log::info("test-event",
            {{"count", 3}, {"why", "because"}, {"errno", log::Technical{"a \"quoted\"\nline"}}});
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find(R"("event":"test-event","count":3,"why":"because","errno":"a \"quoted\"\u000aline"})"),
            std::string::npos)
      << line;
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
}

}  // namespace
}  // namespace wardline::core
