// Why a file could not be encrypted or decrypted, and the Result that all of lib/attachment returns.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace wardline::attachment {

/// The numbers cross the border of the WebAssembly module: see web/packages/mls/src/attachments.ts.
enum class Error : std::uint8_t {
  bad_key = 1,          ///< not 32 bytes
  wrong_key = 2,        ///< the commitment is of another key, salt or context, or the header is not whole
  damaged = 3,          ///< a chunk does not open: altered, or not in its place
  truncated = 4,        ///< the last chunk, which is always a short one, is missing
  bad_length = 5,       ///< a length that no encrypted file has, or a chunk that is too long for its place
  too_long = 6,         ///< more than 2^38 chunks
  out_of_range = 7,     ///< a place that the file does not have
  provider_failed = 8,  ///< the primitives failed for a reason of their own
};

/// A short English name, for logs and test output.
std::string_view name_of(Error error);

template <class T>
using Result = std::expected<T, Error>;

}  // namespace wardline::attachment
