// Decrypts any part of a file without the rest: says which encrypted bytes hold it, and opens those.
#pragma once

#include "lib/attachment/chunk_cipher.h"

namespace wardline::attachment {

class RandomAccess {
 public:
  /// Encrypted bytes of the file: whole chunks, or up to the file's end.
  struct Range {
    std::uint64_t first_chunk = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  /// `sealed_size`: how long the encrypted file is. It has to come from whoever made the file, as in a
  /// message: a storage that lies about it can make a file seem shorter to whoever never reads its end.
  /// Errors: `bad_key`, `wrong_key`, `truncated`, `bad_length`.
  static Result<RandomAccess> create(ByteView key, ByteView context, ByteView header,
                                     std::uint64_t sealed_size);

  std::uint64_t size() const { return size_; }  ///< of the plaintext

  /// What is needed to read `length` bytes from `offset` on. Errors: `out_of_range`.
  Result<Range> locate(std::uint64_t offset, std::uint64_t length) const;
  /// Those bytes, from exactly what `locate` named. Errors: `out_of_range`, `bad_length`, `damaged`.
  Result<SecretBytes> open(std::uint64_t offset, std::uint64_t length, ByteView sealed);

 private:
  RandomAccess(ChunkCipher cipher, std::uint64_t size) : cipher_(std::move(cipher)), size_(size) {}
  ChunkCipher cipher_;
  std::uint64_t size_;
};

}  // namespace wardline::attachment
