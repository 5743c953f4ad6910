// Encrypts and decrypts files from front to back, in pieces of any length, holding one chunk at a time.
#pragma once

#include "lib/attachment/chunk_cipher.h"

namespace wardline::attachment {

class Encryptor {
 public:
  explicit Encryptor(ChunkCipher cipher) : cipher_(std::move(cipher)) {}

  /// Appends to `out` what is complete by now: the header at first, then whole chunks. Errors: `too_long`.
  Result<void> update(ByteView plaintext, Bytes& out);
  /// Appends the last chunk. The object must not be used after.
  Result<void> finish(Bytes& out);

 private:
  void write_header(Bytes& out);
  Result<void> write_chunk(ByteView plaintext, Bytes& out);

  ChunkCipher cipher_;
  SecretBytes rest_ = SecretBytes(kChunkSize);  ///< plaintext of the chunk that is not yet whole
  std::size_t held_ = 0;
  std::uint64_t index_ = 0;
  bool begun_ = false;
};

class Decryptor {
 public:
  /// `key` and `context` as the file was encrypted.
  Decryptor(SecretBytes key, Bytes context) : key_(std::move(key)), context_(std::move(context)) {}

  /// Appends to `out` what has been authenticated. Nothing more is to be expected of an object that gave an
  /// error, and nothing of the file is to be trusted before `finish` has agreed. Errors: `bad_key`,
  /// `wrong_key`, `damaged`, `too_long`.
  Result<void> update(ByteView sealed, Bytes& out);
  /// Appends what the last chunk holds. Errors: as above, `truncated`.
  Result<void> finish(Bytes& out);

 private:
  Result<void> take_header();
  Result<void> open_chunk(ByteView sealed, Bytes& out);

  SecretBytes key_;
  Bytes context_;
  std::optional<ChunkCipher> cipher_;
  Bytes rest_;  ///< of the header or of a chunk, until it is whole
  std::uint64_t index_ = 0;
};

}  // namespace wardline::attachment
