// An encrypted file that its storage alters (lib/attachment): nobody reads from it what its maker did not put
// there, in that place, whichever way it is read.
#include "lib/attachment/random_access.h"
#include "lib/attachment/stream.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/repeatable_random.h"

namespace wardline::fuzz {
namespace {

using namespace attachment;

const Bytes kKey(kKeySize, 7);
const Bytes kContext{'f', 'u', 'z', 'z'};

/// As in a message: the bytes of the file follow from their place.
Bytes plaintext_of(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  return bytes;
}

/// Lengths about the ends of chunks, and any other.
std::size_t length_of(Input& input) {
  const std::size_t chunks = input.below(3) * kChunkSize;
  const std::size_t rest = input.word();
  return chunks + (input.flag() ? rest % kChunkSize : rest % 3);
}

template <class Coder>
Result<Bytes> in_pieces(Coder coder, ByteView bytes, Input& input) {
  Bytes out;
  for (std::size_t pieces = input.below(4); pieces > 0; --pieces) {
    const std::size_t size = std::min<std::size_t>(input.word(), bytes.size());
    if (auto done = coder.update(bytes.first(size), out); !done) return std::unexpected(done.error());
    bytes = bytes.subspan(size);
  }
  if (auto done = coder.update(bytes, out); !done) return std::unexpected(done.error());
  if (auto done = coder.finish(out); !done) return std::unexpected(done.error());
  return out;
}

Bytes altered(const Bytes& sealed, Input& input) {
  switch (input.below(4)) {
    case 0:  // Chunks change places, or one comes twice.
      if (sealed.size() > kHeaderSize + kSealedChunkSize) {
        Bytes swapped(sealed.begin(), sealed.begin() + kHeaderSize);
        for (std::size_t count = input.below(4); count > 0; --count) {
          const std::size_t from = kHeaderSize + input.below(3) * kSealedChunkSize;
          if (from >= sealed.size()) continue;
          append(swapped, ByteView(sealed).subspan(from, std::min(kSealedChunkSize, sealed.size() - from)));
        }
        return swapped;
      }
      return sealed;
    case 1:  // The end is missing.
      return sealed.size() > 3 ? Bytes(sealed.begin(), sealed.end() - 1 - input.below(3)) : sealed;
    case 2:
      return concat(sealed, input.take(input.below(40)));
    default:
      return damaged(sealed, sealed, input);
  }
}

void read_anywhere(const Bytes& plaintext, const Bytes& sealed, std::uint64_t size, Input& input) {
  const ByteView header = ByteView(sealed).first(std::min(kHeaderSize, sealed.size()));
  auto file = RandomAccess::create(kKey, kContext, header, size);
  if (!file) return;
  for (int reads = 0; reads < 3; ++reads) {
    const std::uint64_t offset = length_of(input), length = length_of(input);
    const auto range = file->locate(offset, length);
    FUZZ_CHECK(range.has_value() == (offset <= file->size() && length <= file->size() - offset),
               "what lies in the file can be asked for, and nothing else");
    if (!range) continue;
    const std::size_t from = std::min<std::size_t>(range->offset, sealed.size());
    const auto opened = file->open(
        offset, length,
        ByteView(sealed).subspan(from, std::min<std::size_t>(range->length, sealed.size() - from)));
    if (!opened) continue;
    FUZZ_CHECK(opened->size() == length && offset + length <= plaintext.size() &&
                   equal(opened->view(), ByteView(plaintext).subspan(offset, length)),
               "a part of a file is what its maker put there");
  }
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  using namespace wardline::fuzz;
  repeat_random_from(1);
  Input input(data, size);
  const Bytes plaintext = plaintext_of(length_of(input));
  const auto sealed = in_pieces(Encryptor(ChunkCipher::create(kKey, kContext).value()), plaintext, input);
  FUZZ_CHECK(sealed && sealed->size() == sealed_size(plaintext.size()) &&
                 plain_size(sealed->size()) == plaintext.size(),
             "a file is as long as its layout says");
  const Bytes stored = input.flag() ? altered(*sealed, input) : *sealed;
  const auto opened = in_pieces(Decryptor(SecretBytes(ByteView(kKey)), kContext), stored, input);
  FUZZ_CHECK(opened.has_value() == (stored == *sealed),
             "any alteration of a file is noticed, and nothing else");
  FUZZ_CHECK(!opened || *opened == plaintext, "a file is read as it was");
  // The storage alters the bytes; how long the file is comes from its maker, or the storage lies about it
  // too.
  read_anywhere(plaintext, stored, input.flag() ? sealed->size() : stored.size(), input);
  return 0;
}
