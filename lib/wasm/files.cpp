#include "lib/wasm/files.h"

#include <algorithm>

#include "lib/attachment/chunk_cipher.h"
#include "lib/crypto/random.h"
#include "lib/tls_codec/codec.h"

namespace wardline::wasm {
namespace {

using attachment::ChunkCipher;
using attachment::Error;
using attachment::kChunkSize;
using attachment::kSealedChunkSize;
using attachment::Result;

constexpr std::uint8_t kBadRequest = 255;

enum class End : std::uint8_t { no = 0, yes = 1 };

/// Views into the request.
struct Portion {
  ByteView key;
  ByteView header;
  std::uint64_t first_chunk = 0;
  End end = End::no;
  ByteView bytes;

  void tls_read(tls::Reader& in) {
    key = in.opaque();
    header = in.opaque();
    tls::read(in, first_chunk);
    tls::read(in, end);
    bytes = in.opaque();
  }
};

SecretBytes answer(std::uint8_t code) { return SecretBytes(Bytes{code}); }

// Only the end of a file may be, and has to be, shorter than a chunk.
Result<void> check_length(const Portion& portion, std::size_t chunk) {
  const bool fits = portion.bytes.size() <= kLargestPortion / kChunkSize * chunk &&
                    (portion.end == End::yes || portion.bytes.size() % chunk == 0);
  if (!fits) return std::unexpected(Error::bad_length);
  return {};
}

template <class Work>
Result<void> each_chunk(const Portion& portion, std::size_t chunk, const Work& work) {
  if (auto fits = check_length(portion, chunk); !fits) return fits;
  const std::size_t whole = portion.bytes.size() / chunk;
  for (std::size_t i = 0; i < whole; ++i)
    if (auto done = work(portion.first_chunk + i, portion.bytes.subspan(i * chunk, chunk)); !done)
      return done;
  if (portion.end == End::no) return {};
  return work(portion.first_chunk + whole, portion.bytes.subspan(whole * chunk));
}

Result<Bytes> seal(const Portion& portion) {
  auto cipher = ChunkCipher::resume(portion.key, as_bytes(attachment::kMessageFile), portion.header);
  if (!cipher) return std::unexpected(cipher.error());
  Bytes out;
  out.reserve(portion.bytes.size() + (portion.bytes.size() / kChunkSize + 1) * attachment::kTagSize);
  auto done = each_chunk(portion, kChunkSize, [&](std::uint64_t index, ByteView chunk) -> Result<void> {
    const auto sealed = cipher->seal(index, chunk);
    if (!sealed) return std::unexpected(sealed.error());
    append(out, *sealed);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return out;
}

Result<Bytes> open(const Portion& portion) {
  auto cipher = ChunkCipher::resume(portion.key, as_bytes(attachment::kMessageFile), portion.header);
  if (!cipher) return std::unexpected(cipher.error());
  if (portion.end == End::yes && portion.bytes.size() % kSealedChunkSize < attachment::kTagSize)
    return std::unexpected(Error::truncated);
  Bytes out;
  out.reserve(portion.bytes.size());  // Never grows, so that no copy of it stays behind.
  auto done = each_chunk(portion, kSealedChunkSize, [&](std::uint64_t index, ByteView chunk) -> Result<void> {
    const auto opened = cipher->open(index, chunk);
    if (!opened) return std::unexpected(opened.error());
    append(out, opened->view());
    return {};
  });
  if (!done) {
    wipe(out);
    return std::unexpected(done.error());
  }
  return out;
}

SecretBytes begin() {
  const SecretBytes key = crypto::random_secret(attachment::kKeySize);
  const auto cipher = ChunkCipher::create(key.view(), as_bytes(attachment::kMessageFile));
  if (!cipher) return answer(static_cast<std::uint8_t>(cipher.error()));
  tls::Writer out;
  out.uint(0, 1);
  out.opaque(key.view());
  out.opaque(cipher->header());
  return SecretBytes(out.take());
}

SecretBytes give(Result<Bytes> result) {
  if (!result) return answer(static_cast<std::uint8_t>(result.error()));
  const SecretBytes bytes(std::move(*result));
  tls::Writer out;
  out.uint(0, 1);
  out.opaque(bytes.view());
  return SecretBytes(out.take());
}

}  // namespace

SecretBytes file_call(ByteView request) {
  tls::Reader in(request);
  FileMethod method{};
  tls::read(in, method);
  if (method == FileMethod::begin && in.ok() && in.at_end()) return begin();
  Portion portion;
  portion.tls_read(in);
  if (!in.ok() || !in.at_end() || portion.end > End::yes) return answer(kBadRequest);
  if (method == FileMethod::seal) return give(seal(portion));
  if (method == FileMethod::open) return give(open(portion));
  return answer(kBadRequest);
}

}  // namespace wardline::wasm
