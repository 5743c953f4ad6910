// The long middle of a base64 text, many letters at a time where the processor can: messages pass through
// base64 three times on their way.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wardline {

/// The two letters in which the alphabets of RFC 4648 differ.
struct Base64Letters {
  char of_62;
  char of_63;
};

/// Encodes a beginning of `in` and says how many of its `size` bytes: a multiple of three, 0 on processors
/// without AVX2. `out` has room for the text of all of it.
std::size_t encode_base64_blocks(const std::uint8_t* in, std::size_t size, char* out, Base64Letters letters);

/// Decodes a beginning of `in` and says how many of its `size` letters: a multiple of four. It stops before
/// what is not of the alphabet. `out` has room for the bytes of all of it.
std::size_t decode_base64_blocks(const char* in, std::size_t size, std::uint8_t* out, Base64Letters letters);

}  // namespace wardline
