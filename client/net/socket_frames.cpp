#include "client/net/socket_frames.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

using Mask = std::array<std::uint8_t, 4>;

constexpr std::size_t kMostControl = 125;

// Taken from the generator many at a time: a call for each frame would cost more than the frame.
Mask next_mask() {
  thread_local std::array<Mask, 256> masks;
  thread_local std::size_t left = 0;
  if (left == 0) {
    if (RAND_bytes(masks.front().data(), sizeof(masks)) != 1) std::abort();
    left = masks.size();
  }
  return masks[--left];
}

void mask_in_place(char* data, std::size_t size, const Mask& mask) {
  std::array<std::uint8_t, 8> pattern{};
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = mask[i % 4];
  std::uint64_t wide = 0;
  std::memcpy(&wide, pattern.data(), 8);
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, 8);
    word ^= wide;
    std::memcpy(data + at, &word, 8);
  }
  for (; at < size; ++at) data[at] = static_cast<char>(data[at] ^ pattern[at % 8]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

void append_masked_frame(std::string& to, Opcode opcode, std::string_view payload) {
  const std::size_t size = payload.size();
  to += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  const std::size_t length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  to += static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (std::size_t i = length_bytes; i > 0; --i) to += static_cast<char>(size >> (8 * (i - 1)) & 0xff);
  const Mask mask = next_mask();
  to.append(reinterpret_cast<const char*>(mask.data()), mask.size());
  const std::size_t begin = to.size();
  to += payload;
  mask_in_place(to.data() + begin, size, mask);
}

std::string accept_key(std::string_view key) {
  const std::string input = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, 20> digest{};
  // SHA-1 guards nothing here: the handshake only shows that both ends speak the protocol.
  if (EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) std::abort();
  return to_base64(digest);
}

bool FrameReader::feed(std::string_view data, FrameEvents& events) {
  std::string joined;
  if (!rest_.empty()) {
    joined = std::exchange(rest_, {});
    joined += data;
    data = joined;
  }
  for (;;) {
    const Step step = take_frame(data, events);
    if (step == Step::broken) return false;
    if (step == Step::taken) continue;
    // A large message that comes in small pieces is not to be copied with each of them.
    if (!joined.empty() && data.size() == joined.size()) {
      rest_ = std::move(joined);
    } else {
      rest_.assign(data);
    }
    return true;
  }
}

FrameReader::Step FrameReader::take_frame(std::string_view& data, FrameEvents& events) {
  if (data.size() < 2) return Step::incomplete;
  const auto first = static_cast<std::uint8_t>(data[0]);
  const auto second = static_cast<std::uint8_t>(data[1]);
  // §5.1: a server masks nothing; §5.2: no extension is negotiated.
  if ((second & 0x80) != 0 || (first & 0x70) != 0) return Step::broken;
  const std::size_t length_bytes = second < 126 ? 0 : second == 126 ? 2 : 8;
  if (data.size() < 2 + length_bytes) return Step::incomplete;
  const std::uint64_t size = length_bytes == 0 ? second : big_endian(data.substr(2, length_bytes));
  // §5.2: the shortest form must be used.
  if ((length_bytes == 2 && size < 126) || (length_bytes == 8 && size < 65536)) return Step::broken;
  // §5.5: control frames are short and not fragmented. A ping is answered with what it brought.
  if ((first & 0x08) != 0 && (size > kMostControl || (first & 0x80) == 0)) return Step::broken;
  if (size > most_ || message_.size() > most_ - size) return Step::broken;
  const std::size_t header = 2 + length_bytes;
  if (data.size() - header < size) return Step::incomplete;
  const std::string_view payload = data.substr(header, size);
  data.remove_prefix(header + size);
  return take_payload(first, payload, events);
}

FrameReader::Step FrameReader::take_payload(std::uint8_t first, std::string_view payload,
                                            FrameEvents& events) {
  const bool final = (first & 0x80) != 0;
  switch (static_cast<Opcode>(first & 0x0f)) {
    case Opcode::text:
      if (fragmented_) return Step::broken;
      if (final) {
        events.on_text_message(payload);
        return Step::taken;
      }
      message_ = payload;
      fragmented_ = true;
      return Step::taken;
    case Opcode::continuation:
      if (!fragmented_) return Step::broken;
      message_ += payload;
      if (!final) return Step::taken;
      fragmented_ = false;
      events.on_text_message(std::exchange(message_, {}));
      return Step::taken;
    case Opcode::ping:
      events.on_ping(payload);
      return Step::taken;
    case Opcode::pong:
      return Step::taken;
    case Opcode::close:
      events.on_close_frame();
      return Step::taken;
    case Opcode::binary:
      return Step::broken;  // docs/api.md: JSON text frames only.
  }
  return Step::broken;
}

}  // namespace wardline::client
