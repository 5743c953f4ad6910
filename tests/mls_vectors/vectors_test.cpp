#include <unistd.h>

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/mls_vectors/formats.h"
#include "tests/mls_vectors/generate.h"

namespace wardline::mls_vectors {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> json_files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void expect_all_hold(const std::vector<fs::path>& files) {
  for (const auto& file : files) {
    const Report report = check_file(file);
    for (const Failure& failure : report.failures) {
      ADD_FAILURE() << file.filename() << " case " << failure.index << ": " << failure.why;
    }
    EXPECT_GT(report.passed, 0u) << file;
  }
}

/// A folder of the test's own, gone with it.
struct Scratch {
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
  fs::path path = fs::temp_directory_path() / ("wardline-vectors-" + std::to_string(::getpid()));
};

TEST(MlsVectors, EveryOfficialVectorOfRfc9420Holds) {
  const auto files = json_files_in(fs::path(WARDLINE_SHARED_DIR) / "vectors" / "mls");
  if (files.empty()) GTEST_SKIP() << "not run: the official vectors are not in this checkout";
  expect_all_hold(files);
}

TEST(MlsVectors, OurOwnVectorsOfAnEarlierVersionHold) {
  const auto files = json_files_in(fs::path(WARDLINE_SOURCE_DIR) / "tests" / "mls_vectors" / "own");
  ASSERT_FALSE(files.empty());
  expect_all_hold(files);
}

TEST(MlsVectors, VectorsThatAreGeneratedNowHold) {
  const Scratch scratch;
  generate(scratch.path);
  const auto files = json_files_in(scratch.path);
  ASSERT_EQ(files.size(), 2u);
  expect_all_hold(files);
}

// The check is the judge of everything above: it has to see what is wrong.
TEST(MlsVectors, ACaseWithOneWrongDigitFails) {
  const Scratch scratch;
  for (const auto& file : json_files_in(fs::path(WARDLINE_SOURCE_DIR) / "tests" / "mls_vectors" / "own")) {
    std::ifstream in(file);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    for (const std::string_view field : {"\"epoch_authenticator\":\"", "\"membership_key\":\""}) {
      const auto at = text.find(field);
      if (at == std::string::npos) continue;
      char& digit = text[at + field.size()];
      digit = digit == '0' ? '1' : '0';
    }
    const fs::path spoilt = scratch.path / file.filename();
    std::ofstream(spoilt) << text;
    EXPECT_EQ(check_file(spoilt).failures.size(), 1u) << file;
  }
}

}  // namespace
}  // namespace wardline::mls_vectors
