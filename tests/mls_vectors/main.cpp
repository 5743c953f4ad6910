// mls-vectors FILE...          runs files of MLS test vectors and says which cases fail and why
// mls-vectors --generate DIR   writes our own small set
#include <exception>
#include <iostream>
#include <string_view>

#include "tests/mls_vectors/formats.h"
#include "tests/mls_vectors/generate.h"

namespace {

using namespace wardline::mls_vectors;

int run(int count, char** files) {
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (int i = 0; i < count; ++i) {
    const Report report = check_file(files[i]);
    for (const Failure& failure : report.failures) {
      std::cout << files[i] << ": case " << failure.index << ": " << failure.why << "\n";
    }
    std::cout << files[i] << " (" << (report.format.empty() ? "unknown" : report.format)
              << "): " << report.passed << " passed, " << report.failures.size() << " failed\n";
    passed += report.passed;
    failed += report.failures.size();
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--generate") {
    try {
      generate(argv[2]);
      return 0;
    } catch (const std::exception& failure) {
      std::cerr << "mls-vectors: " << failure.what() << "\n";
      return 1;
    }
  }
  if (argc < 2) {
    std::cerr << "usage: mls-vectors FILE...\n       mls-vectors --generate DIR\n";
    return 2;
  }
  return run(argc - 1, argv + 1);
}
