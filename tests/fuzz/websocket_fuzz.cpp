// WebSocket frames off the wire (RFC 6455): the decoder says the same however the stream is cut, holds no
// more than it may, and reads what it writes.
#include <optional>

#include "server/net/impl/websocket_frames.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace net;

constexpr std::size_t kMost = 4096;

/// Writes down what the decoder says.
struct Recorder final : FrameSink {
  std::string said;
  void on_message(MessageKind kind, std::string_view message) override {
    FUZZ_CHECK(message.size() <= kMost, "no message is larger than the limit");
    FUZZ_CHECK(kind != MessageKind::text || is_utf8(message), "text is UTF-8");
    note(kind == MessageKind::text ? 't' : 'b', message);
  }
  void on_ping(std::string_view data) override {
    FUZZ_CHECK(data.size() <= 125, "a control frame is short");
    note('p', data);
  }
  void on_pong() override { note('o', {}); }
  void on_close(std::uint16_t code) override { note('c', std::to_string(code)); }
  void note(char kind, std::string_view data) {
    said += kind + std::to_string(data.size()) + ":" + std::string(data) + "\n";
  }
};

struct Outcome {
  std::string said;
  std::optional<CloseCode> failed;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(Bytes stream, ByteView cuts) {
  FrameDecoder decoder(kMost);
  Recorder recorder;
  std::size_t at = 0;
  for (std::size_t cut = 0; at < stream.size(); ++cut) {
    const std::size_t size =
        cut < cuts.size() ? std::min<std::size_t>(cuts[cut] + 1, stream.size() - at) : stream.size() - at;
    if (const auto fed = decoder.feed(std::span(stream).subspan(at, size), recorder); !fed)
      return {recorder.said, fed.error()};
    at += size;
  }
  return {recorder.said, {}};
}

/// A frame of the server's, masked as a client would mask it, is read as it was meant.
void check_own_frame(Input& input) {
  constexpr Opcode kOpcodes[] = {Opcode::binary, Opcode::ping};
  const Opcode opcode = kOpcodes[input.below(2)];
  const Bytes payload = to_bytes(input.take(opcode == Opcode::ping ? 125 : kMost));
  std::string frame;
  append_frame(frame, opcode, as_text(payload));
  const std::size_t header = frame.size() - payload.size();
  Bytes wire = to_bytes(as_bytes(frame.substr(0, header)));
  wire[1] |= 0x80;
  wire.insert(wire.end(), 4, 0x5a);
  for (const std::uint8_t each : payload) wire.push_back(each ^ 0x5a);
  Recorder expected;
  opcode == Opcode::ping ? expected.on_ping(as_text(payload))
                         : expected.on_message(MessageKind::binary, as_text(payload));
  FUZZ_CHECK(decode(wire, {}) == (Outcome{expected.said, {}}), "a frame is read as it was written");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::Input input(data, size);
  const ByteView cuts = input.take(input.below(32));
  if (input.flag()) {
    fuzz::check_own_frame(input);
    return 0;
  }
  const Bytes stream = to_bytes(input.rest());
  FUZZ_CHECK(fuzz::decode(stream, cuts) == fuzz::decode(stream, {}),
             "the decoder says the same however the stream is cut");
  static_cast<void>(net::accept_key(as_text(stream)));
  return 0;
}
