// RFC 6455 frames, the server's side: takes apart what a client sends, with every rule checked, and puts
// frames together.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "server/net/socket.h"
#include "server/net/utf8.h"

namespace wardline::net {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Whom the decoder tells what it found. Views live until the call returns.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void on_message(MessageKind kind, std::string_view message) = 0;
  virtual void on_ping(std::string_view data) = 0;
  virtual void on_pong() = 0;
  /// The peer's close frame, with its code, or 1005 where it has none (§7.1.5). Nothing follows.
  virtual void on_close(std::uint16_t code) = 0;
};

class FrameDecoder {
 public:
  explicit FrameDecoder(std::size_t most_message_bytes) : most_(most_message_bytes) {}

  /// Takes all of `data`, which it unmasks in place. An error is the code to close with: the connection has
  /// failed (§7.1.7) and the decoder takes nothing more.
  std::expected<void, CloseCode> feed(std::span<std::uint8_t> data, FrameSink& sink);

 private:
  using Checked = std::expected<void, CloseCode>;
  bool take_header(std::span<std::uint8_t>& data);
  Checked check_header();
  Checked take_payload(std::span<std::uint8_t>& data, FrameSink& sink);
  Checked end_data_frame(std::string_view last_piece, FrameSink& sink);
  Checked end_control_frame(FrameSink& sink);

  bool is_control() const { return opcode_ >= Opcode::close; }

  std::size_t most_;
  std::array<std::uint8_t, 14> header_{};  ///< Of the frame that is coming in.
  std::uint8_t header_size_ = 0;
  std::uint8_t mask_at_ = 0;
  bool in_payload_ = false;
  bool final_ = false;
  bool closed_ = false;
  Opcode opcode_ = Opcode::continuation;
  Opcode message_opcode_ = Opcode::continuation;  ///< Of the fragmented message under way, if any.
  std::array<std::uint8_t, 4> mask_{};
  std::uint64_t left_ = 0;  ///< Bytes of payload still to come.
  Utf8Check utf8_;
  std::string message_;  ///< What has come of a message that did not arrive in one piece.
  std::string control_;
};

/// Appends an unmasked, final frame.
void append_frame(std::string& to, Opcode opcode, std::string_view payload);
/// Only its header, for a payload of that size.
void append_frame_header(std::string& to, Opcode opcode, std::size_t payload_size);
/// A close frame; `reason` is cut at 123 bytes (§5.5).
void append_close_frame(std::string& to, CloseCode code, std::string_view reason);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (§4.2.2); empty if the key is not 16 bytes of base64.
std::string accept_key(std::string_view key);

}  // namespace wardline::net
