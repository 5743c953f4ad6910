#include <iostream>

#include <gtest/gtest.h>

#include "tests/mls_vectors/formats.h"

namespace wardline::mls_vectors {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> official_files() {
  std::vector<fs::path> files;
  const fs::path folder = fs::path(WARDLINE_SHARED_DIR) / "vectors" / "mls";
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(MlsVectors, EveryOfficialVectorOfRfc9420Holds) {
  const auto files = official_files();
  if (files.empty()) GTEST_SKIP() << "not run: the official vectors are not in this checkout";
  for (const auto& file : files) {
    const Report report = check_file(file);
    for (const Failure& failure : report.failures) {
      ADD_FAILURE() << file.filename() << " case " << failure.index << ": " << failure.why;
    }
    EXPECT_GT(report.passed, 0u) << file;
  }
}

}  // namespace
}  // namespace wardline::mls_vectors
