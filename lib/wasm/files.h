// Files of messages behind one function that takes and gives bytes: what the WebAssembly module exports
// beside the engine, and needs no device for.
#pragma once

#include "lib/attachment/error.h"
#include "lib/bytes/secret_bytes.h"

namespace wardline::wasm {

/// The numbers cross the border of the module: see web/packages/mls/src/files.ts.
enum class FileMethod : std::uint8_t {
  begin = 1,  ///< nothing → key, header
  seal = 2,   ///< portion → ciphertext
  open = 3,   ///< portion → plaintext
};

/// The most that one call seals or opens, in bytes of plaintext: what it holds in memory is a few times that.
inline constexpr std::size_t kLargestPortion = 1 << 20;

/// `request`: the method, and what it takes. The answer is 0 and what the method gives, or the number of an
/// attachment::Error, or 255 for a request that does not decode.
///
/// A portion is `key, header, number of its first chunk (64 bits), whether it ends the file (8 bits), bytes`:
/// whole chunks, and with the end of the file its last, shorter one. The same portion must never be sealed
/// with other bytes.
SecretBytes file_call(ByteView request);

}  // namespace wardline::wasm
