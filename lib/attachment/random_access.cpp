#include "lib/attachment/random_access.h"

#include <algorithm>

namespace wardline::attachment {

Result<RandomAccess> RandomAccess::create(ByteView key, ByteView context, ByteView header,
                                          std::uint64_t sealed_size) {
  const auto size = plain_size(sealed_size);
  if (!size) {
    const bool ends_with_whole_chunk =
        sealed_size >= kHeaderSize && (sealed_size - kHeaderSize) % kSealedChunkSize == 0;
    return std::unexpected(ends_with_whole_chunk ? Error::truncated : Error::bad_length);
  }
  auto cipher = ChunkCipher::resume(key, context, header);
  if (!cipher) return std::unexpected(cipher.error());
  return RandomAccess(std::move(*cipher), *size);
}

// "Chunk k can be found at ciphertext offset 56 + k * (16384 + len(tag))."
Result<RandomAccess::Range> RandomAccess::locate(std::uint64_t offset, std::uint64_t length) const {
  if (offset > size_ || length > size_ - offset) return std::unexpected(Error::out_of_range);
  const std::uint64_t first = offset / kChunkSize;
  // One more where the part ends with the file: its last chunk says that it is the end.
  const bool to_the_end = offset + length == size_;
  const std::uint64_t last =
      to_the_end ? size_ / kChunkSize : (offset + std::max<std::uint64_t>(length, 1) - 1) / kChunkSize;
  const std::uint64_t end =
      last == size_ / kChunkSize ? *sealed_size(size_) : kHeaderSize + (last + 1) * kSealedChunkSize;
  const std::uint64_t begin = kHeaderSize + first * kSealedChunkSize;
  return Range{.first_chunk = first, .offset = begin, .length = end - begin};
}

Result<SecretBytes> RandomAccess::open(std::uint64_t offset, std::uint64_t length, ByteView sealed) {
  const auto range = locate(offset, length);
  if (!range) return std::unexpected(range.error());
  if (sealed.size() != range->length) return std::unexpected(Error::bad_length);
  SecretBytes part(static_cast<std::size_t>(length));
  std::size_t done = 0;
  std::size_t skip = static_cast<std::size_t>(offset % kChunkSize);
  for (std::uint64_t index = range->first_chunk; !sealed.empty(); ++index) {
    const std::size_t take = std::min(sealed.size(), kSealedChunkSize);
    const auto chunk = cipher_.open(index, sealed.first(take));
    if (!chunk) return std::unexpected(chunk.error());
    sealed = sealed.subspan(take);
    const ByteView from = chunk->view().subspan(std::min(skip, chunk->size()));
    const ByteView wanted = from.first(std::min(from.size(), part.size() - done));
    std::ranges::copy(wanted, part.writable().subspan(done).begin());
    done += wanted.size();
    skip = 0;
  }
  return part;
}

}  // namespace wardline::attachment
