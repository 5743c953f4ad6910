#include "lib/attachment/stream.h"

#include <algorithm>

namespace wardline::attachment {

void Encryptor::write_header(Bytes& out) {
  if (!begun_) append(out, cipher_.header());
  begun_ = true;
}

Result<void> Encryptor::write_chunk(ByteView plaintext, Bytes& out) {
  const auto sealed = cipher_.seal(index_, plaintext);
  if (!sealed) return std::unexpected(sealed.error());
  append(out, *sealed);
  ++index_;
  return {};
}

Result<void> Encryptor::update(ByteView plaintext, Bytes& out) {
  write_header(out);
  while (!plaintext.empty()) {
    const std::size_t take = std::min(plaintext.size(), kChunkSize - held_);
    std::ranges::copy(plaintext.first(take), rest_.writable().subspan(held_).begin());
    held_ += take;
    plaintext = plaintext.subspan(take);
    if (held_ < kChunkSize) break;
    if (auto written = write_chunk(rest_.view(), out); !written) return written;
    held_ = 0;
  }
  return {};
}

// "The final chunk MUST be shorter than 16 KiB, and MAY be empty."
Result<void> Encryptor::finish(Bytes& out) {
  write_header(out);
  return write_chunk(rest_.view().first(held_), out);
}

Result<void> Decryptor::take_header() {
  auto cipher = ChunkCipher::resume(key_.view(), context_, rest_);
  if (!cipher) return std::unexpected(cipher.error());
  cipher_.emplace(std::move(*cipher));
  return {};
}

Result<void> Decryptor::open_chunk(ByteView sealed, Bytes& out) {
  const auto opened = cipher_->open(index_, sealed);
  if (!opened) return std::unexpected(opened.error());
  append(out, opened->view());
  ++index_;
  return {};
}

Result<void> Decryptor::update(ByteView sealed, Bytes& out) {
  while (!sealed.empty()) {
    const std::size_t wanted = cipher_ ? kSealedChunkSize : kHeaderSize;
    const std::size_t take = std::min(sealed.size(), wanted - rest_.size());
    append(rest_, sealed.first(take));
    sealed = sealed.subspan(take);
    if (rest_.size() < wanted) break;
    if (auto done = cipher_ ? open_chunk(rest_, out) : take_header(); !done) return done;
    rest_.clear();
  }
  return {};
}

Result<void> Decryptor::finish(Bytes& out) {
  // A whole chunk has been opened as it came: what is left is the short one, or the file is cut off.
  if (!cipher_ || rest_.size() < kTagSize) return std::unexpected(Error::truncated);
  return open_chunk(rest_, out);
}

}  // namespace wardline::attachment
