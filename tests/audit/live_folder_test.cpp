// An auditor looks at a log while its server works on it.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "client/auditor/folder_files.h"
#include "tests/support/test_database.h"

namespace wardline {
namespace {

namespace fs = std::filesystem;

TEST(LiveFolder, IsListedWhileNarrowTilesVanish) {
  const support::TemporaryDirectory directory;
  const fs::path tiles = directory.path() / "tile/entries";
  fs::create_directories(tiles);
  std::ofstream(directory.path() / "checkpoint") << "signed";
  std::atomic<bool> done = false;
  std::thread server([&] {
    for (unsigned i = 0; !done; ++i) {
      const fs::path narrow = tiles / (std::to_string(i % 7) + ".p");
      fs::create_directory(narrow);
      for (const char* width : {"1", "2", "3"}) std::ofstream(narrow / width) << "tile";
      fs::remove_all(narrow);
    }
  });
  auditor::FolderFiles files(directory.path());
  int listed = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto paths = files.list();
    listed += paths && std::ranges::count(*paths, "checkpoint") == 1 ? 1 : 0;
  }
  done = true;
  server.join();
  EXPECT_EQ(listed, 2000);
  fs::remove_all(directory.path());
  EXPECT_EQ(files.list().error(), auditlog::ReadError::unreadable);
}

TEST(LiveFolder, AFileThatVanishesIsThereOrAbsent) {
  const support::TemporaryDirectory directory;
  const fs::path narrow = directory.path() / "1";
  std::atomic<bool> done = false;
  std::thread server([&] {
    while (!done) {
      std::ofstream(narrow) << "tile";
      fs::remove(narrow);
    }
  });
  auditor::FolderFiles files(directory.path());
  int well = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto bytes = files.read("1");
    well += bytes || bytes.error() == auditlog::ReadError::absent ? 1 : 0;
  }
  done = true;
  server.join();
  EXPECT_EQ(well, 20'000);
}

}  // namespace
}  // namespace wardline
