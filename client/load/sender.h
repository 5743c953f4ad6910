// One connected device of a load run: keeps messages in flight, and checks what it is sent.
#pragma once

#include <chrono>
#include <unordered_map>

#include "client/load/ledger.h"
#include "client/load/load_run.h"
#include "client/net/device_socket.h"

namespace wardline::client {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What one sender has to show. Sequence numbers are those of its conversation.
struct SenderCounts {
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;
  std::uint64_t doubled = 0;
  std::uint64_t reordered = 0;
  std::vector<std::uint32_t> latencies_us;
  std::vector<std::int64_t> acknowledged_sequences;
  std::int64_t last_delivered = 0;  ///< everything up to here came, in order, once
};

class LoadSender {
 public:
  /// `ledger`: where promises are noted; nothing where none is kept. Everything outlives the object.
  LoadSender(const LoadPlan& plan, const LoadParticipant& sender, Ledger* ledger,
             boost::asio::io_context& loop, boost::asio::ssl::context& tls);

  /// Goes on behind this entry of the conversation's log.
  void start_after(std::int64_t sequence) { start_after_ = sequence; }
  void open(std::function<void()> ready, std::function<void(std::string_view)> closed);
  /// Sends one message if fewer than `in_flight` wait for their answer. Its latency counts from `due`, when
  /// it should have been sent.
  bool send_one(SteadyTime due = std::chrono::steady_clock::now());
  /// Sends again what an earlier run got no answer for.
  void send_again(const UnansweredSend& send);
  /// Notes what has no answer yet.
  void note_unanswered();
  /// Whether each answer triggers the next message.
  void keep_sending(bool on) { keep_sending_ = on; }
  /// Counts acknowledgements and latencies from now on, or not any more.
  void measure(bool on) { measuring_ = on; }
  std::size_t waiting() const { return waiting_.size(); }
  SenderCounts& counts() { return counts_; }
  const LoadParticipant& sender() const { return sender_; }
  void close() { socket_->close(); }

 private:
  struct Waiting {
    SteadyTime since;
    std::string idempotency;  ///< this and the message only where there is a ledger
    Bytes message;
  };
  void on_text(std::string_view text);
  void on_entry(std::int64_t sequence);
  void on_sent(const Waiting& waiting, std::int64_t sequence);
  void send(const std::string& idempotency, const Bytes& message, SteadyTime due);

  const LoadPlan& plan_;
  const LoadParticipant& sender_;
  Ledger* const ledger_;
  boost::asio::io_context& loop_;
  boost::asio::ssl::context& tls_;
  Bytes message_;  // The same for all: the server cannot tell.
  std::shared_ptr<DeviceSocket> socket_;
  std::function<void()> ready_;
  std::unordered_map<std::int64_t, Waiting> waiting_;
  std::int64_t next_ref_ = 0;
  std::int64_t start_after_ = 0;
  bool keep_sending_ = false;
  bool measuring_ = false;
  SenderCounts counts_;
};

}  // namespace wardline::client
