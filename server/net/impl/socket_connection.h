// One WebSocket connection: frames in, a bounded queue out, pings, and a close that both sides know of.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/net/impl/loop.h"
#include "server/net/impl/websocket_frames.h"

namespace wardline::net {

class SocketConnection final : public Connection, public Socket, private FrameSink {
 public:
  SocketConnection(Loop& loop, Stream stream, const Address& peer, std::unique_ptr<SocketHandler> handler);
  ~SocketConnection() override;

  /// Sends `head` (the answer to the upgrade request), opens, and takes `input`, which was read behind the
  /// request.
  void start(std::string head, std::string input);

  // Connection, on the loop's thread:
  void tick(TimePoint now) override;
  void drain() override;
  void cut() override;

  /// What `send` has queued, for the FlushQueue, on the loop's thread.
  void flush_queued();

  // Socket, from any thread:
  SendResult send(MessageKind kind, SharedMessage message) override;
  void close(CloseCode code, std::string_view reason) override;
  void pause_reading() override;
  void resume_reading() override;

 private:
  struct Queued {
    MessageKind kind;
    SharedMessage message;
  };

  void on_message(MessageKind kind, std::string_view message) override;
  void on_ping(std::string_view data) override;
  void on_pong() override;
  void on_close(std::uint16_t code) override;

  std::shared_ptr<SocketConnection> self() {
    return std::static_pointer_cast<SocketConnection>(shared_from_this());
  }
  const Limits& limits() const { return loop_.shared().settings.limits; }
  void read();
  void feed(std::span<std::uint8_t> data);
  void flush();
  bool fill();
  void begin_close(CloseCode code, std::string_view reason);
  void end(CloseCode code);

  Loop& loop_;
  const std::shared_ptr<FlushQueue> flushes_;
  std::optional<Stream> stream_;  ///< Until the end: a handle may outlive the loop.
  const Address peer_;
  std::unique_ptr<SocketHandler> handler_;
  FrameDecoder decoder_;

  // On the loop's thread only:
  bool reading_ = false;  ///< A wait to read is under way.
  bool waiting_to_write_ = false;
  bool close_sent_ = false;
  bool close_received_ = false;
  bool failed_ = false;  ///< The peer broke the protocol: what it sends is thrown away.
  bool ping_sent_ = false;
  bool ended_ = false;
  bool busy_ = false;     ///< Much went in or out between the last two ticks.
  unsigned records_ = 0;  ///< In and out, since the last tick.
  TimePoint heard_at_;
  TimePoint blocked_since_{};
  TimePoint close_deadline_{};
  CloseCode end_code_ = CloseCode::abnormal;
  std::string out_;  ///< Frames that are being written; while none are, no memory.
  std::size_t out_sent_ = 0;
  std::string urgent_;   ///< Control frames, which go ahead of what is queued.
  std::string closing_;  ///< The close frame, which goes behind it.

  std::mutex mutex_;
  std::vector<Queued> queue_;  ///< From `queue_head_` on.
  std::size_t queue_head_ = 0;
  std::size_t queued_bytes_ = 0;
  bool behind_ = false;
  bool flush_scheduled_ = false;
  bool closed_ = false;  ///< Nothing more may be queued.
  bool paused_ = false;
};

}  // namespace wardline::net
