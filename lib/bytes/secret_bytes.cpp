#include "lib/bytes/secret_bytes.h"

#include <cstring>

namespace wardline {

void wipe(std::span<std::uint8_t> memory) {
  // The barrier tells the compiler that somebody reads the zeros: explicit_bzero is missing in wasi-libc's
  // C++ headers.
  if (memory.empty()) return;
  std::memset(memory.data(), 0, memory.size());
  __asm__ __volatile__("" : : "r"(memory.data()) : "memory");
}

bool constant_time_equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = difference | (a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace wardline
