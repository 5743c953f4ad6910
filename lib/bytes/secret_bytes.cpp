#include "lib/bytes/secret_bytes.h"

namespace wardline {

void wipe(std::span<std::uint8_t> memory) {
  // A volatile pointer write and a compiler barrier: explicit_bzero is missing in wasi-libc's C++ headers.
  volatile std::uint8_t* out = memory.data();
  for (std::size_t i = 0; i < memory.size(); ++i) out[i] = 0;
  __asm__ __volatile__("" : : "r"(memory.data()) : "memory");
}

bool constant_time_equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = difference | (a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace wardline
