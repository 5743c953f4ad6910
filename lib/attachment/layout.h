// Where things lie in an encrypted file: C2SP chunked-encryption, https://c2sp.org/chunked-encryption.
//
//   salt (24) || commitment (32) || chunk 0 || chunk 1 || …     each chunk: up to 16 KiB, encrypted, and a
//   tag
//
// The last chunk is always shorter than 16 KiB, if need be empty: its length is what ends the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace wardline::attachment {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kSaltSize = 24;
inline constexpr std::size_t kCommitmentSize = 32;
inline constexpr std::size_t kHeaderSize = kSaltSize + kCommitmentSize;
inline constexpr std::size_t kChunkSize = 16U << 10;
inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kSealedChunkSize = kChunkSize + kTagSize;
inline constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 38;
inline constexpr std::uint64_t kLargestFile = kMostChunks * kChunkSize - 1;

/// How long a file of `size` bytes is when encrypted; nothing above `kLargestFile`.
constexpr std::optional<std::uint64_t> sealed_size(std::uint64_t size) {
  if (size > kLargestFile) return std::nullopt;
  return kHeaderSize + size + (size / kChunkSize + 1) * kTagSize;
}

/// How long the file is that has this length when encrypted; nothing for a length that no file has: without a
/// last chunk, with one that ends inside its tag, or too long.
constexpr std::optional<std::uint64_t> plain_size(std::uint64_t sealed) {
  if (sealed < kHeaderSize + kTagSize) return std::nullopt;
  const std::uint64_t body = sealed - kHeaderSize;
  const std::uint64_t whole_chunks = body / kSealedChunkSize;
  const std::uint64_t last = body % kSealedChunkSize;
  if (last < kTagSize || whole_chunks >= kMostChunks) return std::nullopt;
  return whole_chunks * kChunkSize + last - kTagSize;
}

}  // namespace wardline::attachment
