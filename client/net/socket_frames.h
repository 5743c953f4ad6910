// RFC 6455 frames, the client's side: masks what goes out, and takes apart what the server sends.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wardline::client {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Appends one whole frame. The mask of each is fresh and cannot be foreseen (§5.3).
void append_masked_frame(std::string& to, Opcode opcode, std::string_view payload);

/// The value of Sec-WebSocket-Accept that answers this key (§4.2.2).
std::string accept_key(std::string_view key);

/// Whom the reader tells what came, in order. Views live until the call returns.
class FrameEvents {
 public:
  virtual ~FrameEvents() = default;
  virtual void on_text_message(std::string_view text) = 0;
  virtual void on_ping(std::string_view data) = 0;
  virtual void on_close_frame() = 0;
};

class FrameReader {
 public:
  /// `most`: bytes of the largest message that is taken.
  explicit FrameReader(std::size_t most) : most_(most) {}

  /// Takes all of `data`. False if the server has broken the protocol or sent more than `most`: nothing more
  /// is taken then.
  bool feed(std::string_view data, FrameEvents& events);

 private:
  /// Takes one frame off `data` if it is there as a whole.
  enum class Step : std::uint8_t { taken, incomplete, broken };
  Step take_frame(std::string_view& data, FrameEvents& events);
  Step take_payload(std::uint8_t first, std::string_view payload, FrameEvents& events);

  const std::size_t most_;
  std::string rest_;     ///< The beginning of a frame whose end has not come.
  std::string message_;  ///< The fragments so far of a message in several frames (§5.4).
  bool fragmented_ = false;
};

}  // namespace wardline::client
