#include "server/storage/data_directory.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/support/result.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

TEST(DataDirectory, IsMadeForItsOwnerAlone) {
  const support::TemporaryDirectory parent;
  const auto made = DataDirectory::open(parent.path() / "deep" / "data");
  ASSERT_TRUE(made) << made.error().detail;
  struct stat info{};
  ASSERT_EQ(::stat(made->path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(DataDirectory, ASecondServerIsRefusedUntilTheFirstStops) {
  const support::TemporaryDirectory parent;
  const auto path = parent.path() / "data";
  {
    const auto first = DataDirectory::open(path);
    ASSERT_TRUE(first);
    const auto second = DataDirectory::open(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(support::code_of(second), "data-directory-in-use");
  }
  EXPECT_TRUE(DataDirectory::open(path));
}

TEST(DataDirectory, OneThatOthersMayReadIsRefused) {
  const support::TemporaryDirectory parent;
  const auto path = parent.path() / "data";
  std::filesystem::create_directory(path);
  ::chmod(path.c_str(), 0755);
  const auto refused = DataDirectory::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(support::code_of(refused), "data-directory-unusable");
}

TEST(DataDirectory, HasTheSameNameForWhoeverOpensItNextAndAnotherForACopy) {
  const support::TemporaryDirectory parent;
  const auto path = parent.path() / "data";
  std::optional<std::array<std::uint8_t, 16>> before;
  for (int time = 0; time < 2; ++time) {
    const auto opened = DataDirectory::open(path);
    ASSERT_TRUE(opened);
    if (before) {
      EXPECT_EQ(opened->place(), *before);
    }
    before = opened->place();
  }
  std::filesystem::copy(path, parent.path() / "copy");
  ::chmod((parent.path() / "copy").c_str(), 0700);
  const auto copy = DataDirectory::open(parent.path() / "copy");
  ASSERT_TRUE(copy);
  EXPECT_NE(copy->place(), *before);
}

TEST(DataDirectory, AFileInItsPlaceIsRefused) {
  const support::TemporaryDirectory parent;
  const auto path = parent.path() / "data";
  std::fclose(std::fopen(path.c_str(), "w"));
  EXPECT_EQ(support::code_of(DataDirectory::open(path)), "data-directory-unusable");
}

}  // namespace
}  // namespace wardline::storage
