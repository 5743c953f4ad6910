// Operations that cannot fail for any input: if one does, memory or the provider is broken and nothing safe
// is left to do.
#pragma once

#include <cstdlib>

namespace wardline::crypto {

inline void must(bool succeeded) {
  if (!succeeded) [[unlikely]]
    std::abort();
}

}  // namespace wardline::crypto
