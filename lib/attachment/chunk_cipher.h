// Cobblestone-256 (C2SP chunked-encryption with SHA-512 and AES-256-GCM): the keys of one file and its
// chunks, each by its number. Whoever has a whole file to work on takes stream.h or random_access.h.
#pragma once

#include "lib/attachment/error.h"
#include "lib/attachment/layout.h"
#include "lib/crypto/aead.h"

namespace wardline::attachment {

/// Not for concurrent use.
class ChunkCipher {
 public:
  /// For a new file: `key` has 32 random bytes, the salt is drawn here. `context` is bound and not stored.
  /// Errors: `bad_key`.
  static Result<ChunkCipher> create(ByteView key, ByteView context);
  /// For a file that exists, or was begun: `header` is its first 56 bytes. Errors: `bad_key`, `wrong_key`.
  static Result<ChunkCipher> resume(ByteView key, ByteView context, ByteView header);

  /// What stands in front of the chunks.
  ByteView header() const { return header_; }

  /// Chunk `index`: exactly `kChunkSize` bytes, or fewer for the last one. The same index must never be
  /// sealed twice with different plaintext. Errors: `bad_length`, `too_long`.
  Result<Bytes> seal(std::uint64_t index, ByteView plaintext);
  /// Errors: `bad_length` (shorter than a tag or longer than a chunk), `too_long`, `damaged`.
  Result<SecretBytes> open(std::uint64_t index, ByteView sealed);

 private:
  ChunkCipher(Bytes header, crypto::AeadKey key, Bytes base_nonce)
      : header_(std::move(header)), key_(std::move(key)), base_nonce_(std::move(base_nonce)) {}
  struct Keys;
  static Result<Keys> derive(ByteView key, ByteView salt, ByteView context);
  Bytes nonce(std::uint64_t index) const;

  Bytes header_;
  crypto::AeadKey key_;
  Bytes base_nonce_;
};

/// What the files of messages are bound to, so that their keys open nothing else.
inline constexpr std::string_view kMessageFile = "wardline message file v1";

}  // namespace wardline::attachment
