#include "server/app/wiped_heap.h"

#include <malloc.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WARDLINE_OTHER_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define WARDLINE_OTHER_HEAP 1
#endif
#endif

namespace wardline::app {

void use_wiped_heap() {}

}  // namespace wardline::app

#ifndef WARDLINE_OTHER_HEAP

// Types that wipe themselves cover what we own. What they cannot cover is made by others on the way: the JSON
// parser's values, a string that has grown out of its first buffer, what libpq and OpenSSL copied. All of it
// ends in free() and realloc(), and a program may define these for itself and every library that it loads;
// the C library's own stand behind them under these names.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier): the names are glibc's.
void* __libc_malloc(std::size_t size);
void __libc_free(void* memory);
// NOLINTEND(bugprone-reserved-identifier)

void free(void* memory) noexcept {
  if (memory == nullptr) return;
  const int kept = errno;  // free() does not touch it.
  explicit_bzero(memory, malloc_usable_size(memory));
  __libc_free(memory);
  errno = kept;
}

// The C library's may move the content and leave a copy behind.
void* realloc(void* memory, std::size_t size) noexcept {
  if (memory == nullptr) return __libc_malloc(size);
  if (size == 0) {
    free(memory);
    return nullptr;
  }
  const std::size_t had = malloc_usable_size(memory);
  if (size <= had && size >= had / 2) return memory;
  void* const moved = __libc_malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, size < had ? size : had);
  free(memory);
  return moved;
}
}

#endif
