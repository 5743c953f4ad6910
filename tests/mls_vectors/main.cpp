// mls-vectors FILE…: runs files of MLS test vectors and says which cases fail and why.
#include <iostream>

#include "tests/mls_vectors/formats.h"

int main(int argc, char** argv) {
  using namespace wardline::mls_vectors;
  if (argc < 2) {
    std::cerr << "usage: mls-vectors FILE...\n";
    return 2;
  }
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (int i = 1; i < argc; ++i) {
    const Report report = check_file(argv[i]);
    for (const Failure& failure : report.failures) {
      std::cout << argv[i] << ": case " << failure.index << ": " << failure.why << "\n";
    }
    std::cout << argv[i] << " (" << (report.format.empty() ? "unknown" : report.format)
              << "): " << report.passed << " passed, " << report.failures.size() << " failed\n";
    passed += report.passed;
    failed += report.failures.size();
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? 0 : 1;
}
