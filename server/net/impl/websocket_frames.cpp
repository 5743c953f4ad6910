#include "server/net/impl/websocket_frames.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <openssl/evp.h>

#include "lib/bytes/text.h"

namespace wardline::net {
namespace {

using Fail = std::unexpected<CloseCode>;

void unmask(std::span<std::uint8_t> data, const std::array<std::uint8_t, 4>& mask, std::uint8_t phase) {
  std::array<std::uint8_t, 8> pattern{};
  for (std::size_t i = 0; i < 8; ++i) pattern[i] = mask[(phase + i) % 4];
  std::uint64_t wide = 0;
  std::memcpy(&wide, pattern.data(), 8);
  std::size_t at = 0;
  for (; at + 8 <= data.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + at, 8);
    word ^= wide;
    std::memcpy(data.data() + at, &word, 8);
  }
  for (; at < data.size(); ++at) data[at] ^= pattern[at % 8];
}

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

// §7.4: codes that an endpoint may send.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::string_view text_of(std::span<const std::uint8_t> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace

std::expected<void, CloseCode> FrameDecoder::feed(std::span<std::uint8_t> data, FrameSink& sink) {
  while (!closed_ && (!data.empty() || (in_payload_ && left_ == 0))) {
    if (!in_payload_) {
      if (!take_header(data)) return {};
      if (auto good = check_header(); !good) {
        closed_ = true;
        return good;
      }
      in_payload_ = true;
      continue;
    }
    if (auto good = take_payload(data, sink); !good) {
      closed_ = true;
      return good;
    }
  }
  return {};
}

// §5.2: two bytes tell how long the header is. True once all of it is there.
bool FrameDecoder::take_header(std::span<std::uint8_t>& data) {
  std::size_t wanted = 2;
  while (true) {
    if (header_size_ >= 2) {
      const std::uint8_t length = header_[1] & 0x7f;
      wanted = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((header_[1] & 0x80) ? 4 : 0);
      if (header_size_ == wanted) return true;
    }
    if (data.empty()) return false;
    const auto taken = std::min(wanted - header_size_, data.size());
    std::memcpy(header_.data() + header_size_, data.data(), taken);
    header_size_ = static_cast<std::uint8_t>(header_size_ + taken);
    data = data.subspan(taken);
  }
}

FrameDecoder::Checked FrameDecoder::check_header() {
  const auto size = header_size_;
  header_size_ = 0;
  final_ = header_[0] & 0x80;
  opcode_ = static_cast<Opcode>(header_[0] & 0x0f);
  // §5.2: no extension is negotiated, so the reserved bits are zero; §5.1: a client masks every frame.
  if (header_[0] & 0x70 || !(header_[1] & 0x80)) return Fail(CloseCode::protocol_error);
  std::memcpy(mask_.data(), header_.data() + size - 4, 4);
  mask_at_ = 0;
  const std::uint8_t length = header_[1] & 0x7f;
  left_ = length < 126 ? length : big_endian(std::span(header_).subspan(2, length == 126 ? 2 : 8));
  // §5.2: the shortest form must be used, and the top bit of the long one is zero.
  if ((length == 126 && left_ < 126) || (length == 127 && (left_ < 65536 || left_ >> 63)))
    return Fail(CloseCode::protocol_error);

  switch (opcode_) {
    case Opcode::continuation:  // §5.4: only within a fragmented message.
      if (message_opcode_ == Opcode::continuation) return Fail(CloseCode::protocol_error);
      break;
    case Opcode::text:
    case Opcode::binary:
      if (message_opcode_ != Opcode::continuation) return Fail(CloseCode::protocol_error);
      message_opcode_ = opcode_;
      utf8_ = {};
      break;
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:  // §5.5: short and not fragmented.
      if (!final_ || left_ > 125) return Fail(CloseCode::protocol_error);
      return {};
    default:
      return Fail(CloseCode::protocol_error);
  }
  if (left_ > most_ - std::min(most_, message_.size())) return Fail(CloseCode::message_too_big);
  return {};
}

FrameDecoder::Checked FrameDecoder::take_payload(std::span<std::uint8_t>& data, FrameSink& sink) {
  const auto piece = data.first(std::min<std::uint64_t>(left_, data.size()));
  data = data.subspan(piece.size());
  unmask(piece, mask_, mask_at_);
  mask_at_ = static_cast<std::uint8_t>((mask_at_ + piece.size()) % 4);
  left_ -= piece.size();
  const bool ended = left_ == 0;
  if (ended) in_payload_ = false;

  if (is_control()) {
    control_ += text_of(piece);
    return ended ? end_control_frame(sink) : Checked();
  }
  // §8.1: text is checked as it comes, so that what is broken is refused early.
  if (message_opcode_ == Opcode::text && !utf8_.feed(text_of(piece))) return Fail(CloseCode::invalid_payload);
  if (ended && final_) return end_data_frame(text_of(piece), sink);
  message_ += text_of(piece);
  return {};
}

FrameDecoder::Checked FrameDecoder::end_data_frame(std::string_view last_piece, FrameSink& sink) {
  const bool is_text = message_opcode_ == Opcode::text;
  if (is_text && !utf8_.complete()) return Fail(CloseCode::invalid_payload);
  message_opcode_ = Opcode::continuation;
  const auto kind = is_text ? MessageKind::text : MessageKind::binary;
  if (message_.empty()) {
    sink.on_message(kind, last_piece);  // In one piece: nothing was copied.
    return {};
  }
  message_ += last_piece;
  sink.on_message(kind, message_);
  message_ = std::string();  // Gives the memory back: most connections are idle most of the time.
  return {};
}

FrameDecoder::Checked FrameDecoder::end_control_frame(FrameSink& sink) {
  const std::string payload = std::exchange(control_, {});
  if (opcode_ == Opcode::ping) {
    sink.on_ping(payload);
  } else if (opcode_ == Opcode::pong) {
    sink.on_pong();
  } else {
    // §5.5.1: nothing, or a code and a text.
    if (payload.size() == 1) return Fail(CloseCode::protocol_error);
    std::uint16_t code = 1005;
    if (payload.size() >= 2) {
      code = static_cast<std::uint16_t>(big_endian(as_bytes(payload).first(2)));
      if (!may_be_sent(code)) return Fail(CloseCode::protocol_error);
    }
    if (payload.size() > 2 && !is_utf8(std::string_view(payload).substr(2)))
      return Fail(CloseCode::invalid_payload);
    closed_ = true;
    sink.on_close(code);
  }
  return {};
}

void append_frame_header(std::string& to, Opcode opcode, std::size_t size) {
  to += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  const std::size_t length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  to += static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127);
  for (std::size_t i = length_bytes; i > 0; --i) to += static_cast<char>(size >> (8 * (i - 1)) & 0xff);
}

void append_frame(std::string& to, Opcode opcode, std::string_view payload) {
  append_frame_header(to, opcode, payload.size());
  to += payload;
}

void append_close_frame(std::string& to, CloseCode code, std::string_view reason) {
  std::string payload;
  payload += static_cast<char>(static_cast<std::uint16_t>(code) >> 8);
  payload += static_cast<char>(static_cast<std::uint16_t>(code) & 0xff);
  payload += reason.substr(0, 123);
  append_frame(to, Opcode::close, payload);
}

std::string accept_key(std::string_view key) {
  const auto nonce = from_base64(key);
  if (!nonce || nonce->size() != 16) return {};
  const std::string input = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, 20> digest{};
  // SHA-1 guards nothing here: the handshake only shows that both ends speak the protocol.
  if (EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) return {};
  return to_base64(digest);
}

}  // namespace wardline::net
