// Looking at results in tests without assuming how they ended.
#pragma once

#include <string_view>

#include "server/core/error.h"

namespace wardline::support {

/// The error's code, or "no error": asking a result that has a value for its error would be undefined.
template <class T>
std::string_view code_of(const core::Result<T>& result) {
  return result ? std::string_view("no error") : result.error().code;
}

}  // namespace wardline::support
