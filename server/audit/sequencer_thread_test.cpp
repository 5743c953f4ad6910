#include "server/audit/sequencer_thread.h"

#include <gtest/gtest.h>

#include "server/audit/audit_world_test.h"

namespace wardline::audit {
namespace {

template <class Condition>
bool soon(const Condition& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

TEST(SequencerThread, SignsInTheBackgroundAndTheRestAtShutdown) {
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  {
    SequencerThread thread(world.sequencer(*files), std::chrono::milliseconds(10));
    world.act(30);
    EXPECT_TRUE(soon([&] { return files->read("checkpoint") && AuditWorld::logged(*files).size() == 30; }));
  }
  {
    SequencerThread thread(world.sequencer(*files), std::chrono::hours(1));
    world.act(30);
  }
  EXPECT_EQ(AuditWorld::logged(*files), world.written);
  EXPECT_EQ(world.verdict(*files), "whole");
}

TEST(SequencerThread, SaysWhatStopsIt) {
  AuditWorld world(storage::Engine::sqlite);
  const auto files = world.open_folder();
  ASSERT_TRUE(files->replace("log.vkey", as_bytes("another\n")));
  SequencerThread thread(world.sequencer(*files), std::chrono::milliseconds(10));
  ASSERT_TRUE(soon([&] { return thread.trouble().has_value(); }));
  EXPECT_EQ(thread.trouble()->code, "audit-log-foreign");
  ASSERT_TRUE(files->replace("log.vkey", as_bytes(log_key().verifier().to_text() + "\n")));
  EXPECT_TRUE(soon([&] { return !thread.trouble().has_value(); }));
}

}  // namespace
}  // namespace wardline::audit
