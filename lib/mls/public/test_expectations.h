// For tests: that a Result holds, or that it broke exactly the rule that the test is about. Needs gtest where
// it is used.
#pragma once

#include "lib/mls/public/error.h"

/// Expects a Result to fail by one rule.
#define EXPECT_BREAKS(result, id)                                                           \
  do {                                                                                      \
    const auto& outcome = (result);                                                         \
    ASSERT_FALSE(outcome.has_value()) << "expected to break " #id;                          \
    EXPECT_EQ(outcome.error().rule, Rule::id) << "broke " << name_of(outcome.error().rule); \
  } while (false)

/// Expects a Result to hold a value.
#define EXPECT_KEEPS(result)                                                       \
  do {                                                                             \
    const auto& outcome = (result);                                                \
    ASSERT_TRUE(outcome.has_value()) << "broke " << name_of(outcome.error().rule); \
  } while (false)
