#include "server/identity/password.h"

#include <time.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace wardline::identity {
namespace {

constexpr PasswordParameters kFast{.memory_kib = 64, .passes = 1, .pbkdf2_iterations = 1000};
constexpr PasswordParameters kFastApproved{.algorithm = PasswordAlgorithm::pbkdf2_hmac_sha256,
                                           .memory_kib = 64,
                                           .passes = 1,
                                           .pbkdf2_iterations = 1000};

TEST(Password, TheRightOneMatchesAndAnyOtherDoesNot) {
  for (const auto& parameters : {kFast, kFastApproved}) {
    PasswordHasher hasher(parameters);
    const auto stored = hasher.hash(as_bytes("correct horse battery"));
    ASSERT_TRUE(stored.has_value());
    EXPECT_TRUE(hasher.verify(as_bytes("correct horse battery"), *stored)->matches);
    EXPECT_FALSE(hasher.verify(as_bytes("correct horse batterz"), *stored)->matches);
    EXPECT_FALSE(hasher.verify(as_bytes(""), *stored)->matches);
    EXPECT_NE(*stored, *hasher.hash(as_bytes("correct horse battery"))) << "each hash has its own salt";
  }
}

TEST(Password, AHashWithOtherParametersOrAlgorithmStillVerifiesAndIsOutdated) {
  PasswordHasher old(kFast);
  const auto stored = old.hash(as_bytes("correct horse battery"));
  EXPECT_FALSE(old.verify(as_bytes("correct horse battery"), *stored)->outdated);
  PasswordHasher stronger({.memory_kib = 128, .passes = 2});
  PasswordHasher approved(kFastApproved);
  for (auto* hasher : {&stronger, &approved}) {
    const auto verdict = hasher->verify(as_bytes("correct horse battery"), *stored);
    ASSERT_TRUE(verdict.has_value());
    EXPECT_TRUE(verdict->matches);
    EXPECT_TRUE(verdict->outdated);
  }
}

TEST(Password, StoredRubbishIsAnErrorAndNeverAMatch) {
  PasswordHasher hasher(kFast);
  for (const char* rubbish :
       {"", "plain", "$pbkdf2-sha256$i=", "$pbkdf2-sha256$i=10$", "$pbkdf2-sha256$i=10$AAAA$",
        "$pbkdf2-sha256$i=10$!$AAAA", "$argon2id$v=19$m=64,t=1,p=1$", "$argon2i$x"}) {
    EXPECT_FALSE(hasher.verify(as_bytes("whatever it was"), rubbish).has_value()) << rubbish;
  }
}

TEST(Password, TooShortOrTooLongIsRefused) {
  PasswordHasher hasher(kFast);
  EXPECT_FALSE(hasher.hash(as_bytes("elevenchars")).has_value());
  EXPECT_TRUE(hasher.hash(as_bytes("twelve chars")).has_value());
  EXPECT_FALSE(hasher.hash(as_bytes(std::string(257, 'x'))).has_value());
}

// What this thread has used of the processor: other programs do not disturb it.
std::chrono::nanoseconds processor_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

TEST(Password, ANameThatDoesNotExistCostsTheSameWorkAsAWrongPassword) {
  PasswordHasher hasher({.memory_kib = 4096, .passes = 2});
  const auto stored = hasher.hash(as_bytes("correct horse battery"));
  const auto best_of = [](auto&& work) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 7; ++i) {
      const auto start = processor_time();
      work();
      best = std::min(best, processor_time() - start);
    }
    return static_cast<double>(best.count());
  };
  const double wrong = best_of([&] { (void)hasher.verify(as_bytes("wrong horse battery"), *stored); });
  const double nobody = best_of([&] { (void)hasher.verify_nobody(as_bytes("wrong horse battery")); });
  EXPECT_LT(nobody / wrong, 1.5);
  EXPECT_GT(nobody / wrong, 0.66);
}

TEST(Password, AFloodOfSignInsIsRefusedBeyondTheQueueAndRecovers) {
  PasswordHasher hasher({.memory_kib = 4096, .passes = 3}, {.running = 1, .waiting = 2});
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const auto hashed = hasher.hash(as_bytes("correct horse battery"));
      if (hashed)
        ++done;
      else if (hashed.error().kind == core::ErrorKind::rate_limited)
        ++refused;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done + refused, 16);
  EXPECT_GE(done, 3);
  EXPECT_GE(refused, 1);
  EXPECT_TRUE(hasher.hash(as_bytes("correct horse battery")).has_value());
}

}  // namespace
}  // namespace wardline::identity
