#include "server/net/impl/socket_connection.h"

#include <boost/asio/post.hpp>

namespace wardline::net {
namespace {

constexpr std::size_t kRecord = 16 * 1024;
constexpr std::size_t kFrameOverhead = 64;  // Of bookkeeping and header, so that tiny messages count as well.
constexpr std::size_t kMostUrgent = 4 * 1024;
constexpr unsigned kBusyRecords = 8;  // From so many between two ticks on, a socket keeps its buffers.

}  // namespace

SocketConnection::SocketConnection(Loop& loop, Stream stream, const Address& peer,
                                   std::unique_ptr<SocketHandler> handler)
    : loop_(loop),
      flushes_(loop.flushes()),
      stream_(std::move(stream)),
      peer_(peer),
      handler_(std::move(handler)),
      decoder_(loop.shared().settings.limits.socket_message_bytes),
      heard_at_(SteadyClock::now()) {
  ++loop_.shared().sockets_open;
}

SocketConnection::~SocketConnection() = default;

void SocketConnection::start(std::string head, std::string input) {
  const auto keep = self();
  out_ = std::move(head);
  handler_->on_open(keep);
  flush();
  if (!input.empty()) feed({reinterpret_cast<std::uint8_t*>(input.data()), input.size()});
  read();
}

SendResult SocketConnection::send(MessageKind kind, SharedMessage message) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return SendResult::closed;
    const std::size_t cost = message->size() + kFrameOverhead;
    // Whatever its size, a message may go into an empty queue.
    const bool full = queue_.size() - queue_head_ >= limits().socket_queue_messages ||
                      (queued_bytes_ > 0 && queued_bytes_ + cost > limits().socket_queue_bytes);
    if (behind_ || full) {
      behind_ = true;
      return SendResult::behind;
    }
    queued_bytes_ += cost;
    if (queue_.capacity() == 0) queue_.reserve(16);
    queue_.push_back({kind, std::move(message)});
    if (std::exchange(flush_scheduled_, true)) return SendResult::queued;
  }
  flushes_->add(self());
  return SendResult::queued;
}

// One flush for however many messages are queued until it runs: they then share records and system calls.
void SocketConnection::flush_queued() {
  {
    const std::lock_guard lock(mutex_);
    flush_scheduled_ = false;
  }
  flush();
}

void SocketConnection::close(CloseCode code, std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
  }
  asio::post(loop_.context(), [connection = self(), code, text = std::string(reason)] {
    connection->begin_close(code, text);
  });
}

void SocketConnection::pause_reading() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

void SocketConnection::resume_reading() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(paused_, false) || closed_) return;
  }
  asio::post(loop_.context(), [connection = self()] { connection->read(); });
}

void SocketConnection::read() {
  const auto keep = self();
  for (int turns = 0; !ended_ && !reading_; ++turns) {
    {
      const std::lock_guard lock(mutex_);
      if (paused_ && !close_sent_) return;
    }
    if (turns == 16) return asio::post(loop_.context(), [keep] { keep->read(); });
    auto outcome = stream_->read(loop_.read_buffer());
    if (outcome.status == Stream::Status::done) {
      ++records_;
      feed(loop_.read_buffer().first(outcome.bytes));
      if (ended_ || stream_->has_buffered()) continue;
      // All that had come is read. Whether more has come since, the wait finds out more cheaply than a read.
      outcome.status = Stream::Status::wants_read;
    }
    if (outcome.status != Stream::Status::wants_read && outcome.status != Stream::Status::wants_write)
      return end(close_received_ || close_sent_ ? end_code_ : CloseCode::abnormal);
    reading_ = true;
    stream_->when_ready(outcome.status, [keep](const boost::system::error_code& error) {
      keep->reading_ = false;
      if (error) return keep->end(CloseCode::abnormal);
      keep->read();
    });
  }
}

void SocketConnection::feed(std::span<std::uint8_t> data) {
  heard_at_ = SteadyClock::now();
  ping_sent_ = false;
  const auto fed = decoder_.feed(data, *this);
  if (!fed) {
    failed_ = true;
    begin_close(fed.error(), "");
  }
  if (!urgent_.empty()) flush();
}

void SocketConnection::on_message(MessageKind kind, std::string_view message) {
  if (close_sent_ || ended_) return;  // RFC 6455 §1.4: after our close frame, nothing they say matters.
  handler_->on_message(kind, message);
}

void SocketConnection::on_ping(std::string_view data) {
  // RFC 6455 §5.5.3: a pong answers the latest ping; a flood of pings gets no more than the connection takes.
  if (!close_sent_ && urgent_.size() < kMostUrgent) append_frame(urgent_, Opcode::pong, data);
}

void SocketConnection::on_pong() {}

void SocketConnection::on_close(std::uint16_t code) {
  close_received_ = true;
  if (!close_sent_) {
    end_code_ = static_cast<CloseCode>(code);
    {
      const std::lock_guard lock(mutex_);
      // They will not read what is still queued (RFC 6455 §5.5.1).
      queue_.clear();
      queue_head_ = queued_bytes_ = 0;
    }
    begin_close(code == 1005 ? CloseCode::normal : static_cast<CloseCode>(code), "");
  } else {
    flush();
  }
}

void SocketConnection::begin_close(CloseCode code, std::string_view reason) {
  if (close_sent_ || ended_) return;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  close_sent_ = true;
  if (!close_received_) end_code_ = code;
  close_deadline_ = SteadyClock::now() + limits().close_within;
  append_close_frame(closing_, code, reason);
  flush();
  // Paused or not: the peer's close frame is waited for.
  if (!ended_) asio::post(loop_.context(), [connection = self()] { connection->read(); });
}

// Puts the next record's worth of frames into `out_`. False when there is nothing to send.
bool SocketConnection::fill() {
  out_.clear();
  out_sent_ = 0;
  out_.swap(urgent_);
  const std::lock_guard lock(mutex_);
  while (queue_head_ < queue_.size() && out_.size() < kRecord) {
    Queued& next = queue_[queue_head_];
    append_frame(out_, next.kind == MessageKind::text ? Opcode::text : Opcode::binary, *next.message);
    queued_bytes_ -= next.message->size() + kFrameOverhead;
    next.message.reset();
    ++queue_head_;
  }
  if (queue_head_ == queue_.size()) {
    queue_ = {};
    queue_head_ = 0;
    out_.append(std::exchange(closing_, {}));
  }
  return !out_.empty();
}

void SocketConnection::flush() {
  const auto keep = self();
  if (out_.empty()) out_.swap(loop_.write_buffer());
  while (!ended_ && !waiting_to_write_) {
    if (out_sent_ == out_.size() && !fill()) break;
    const auto outcome = stream_->write(std::string_view(out_).substr(out_sent_, kRecord));
    if (outcome.status == Stream::Status::done) {
      ++records_;
      out_sent_ += outcome.bytes;
      blocked_since_ = {};
    } else if (outcome.status == Stream::Status::wants_write ||
               outcome.status == Stream::Status::wants_read) {
      waiting_to_write_ = true;
      blocked_since_ = SteadyClock::now();
      stream_->when_ready(outcome.status, [keep](const boost::system::error_code& error) {
        keep->waiting_to_write_ = false;
        if (error) return keep->end(CloseCode::abnormal);
        keep->flush();
      });
    } else {
      return end(CloseCode::abnormal);
    }
  }
  if (ended_ || waiting_to_write_) return;
  // Idle: the buffer goes back to the thread. A large message leaves none behind.
  out_.clear();
  out_sent_ = 0;
  if (out_.capacity() > 4 * kRecord) out_ = std::string();
  loop_.write_buffer() = std::exchange(out_, {});
  if (close_sent_ && closing_.empty()) {
    // RFC 6455 §7.1.1: both have said goodbye (or the peer broke the protocol, §7.1.7, and is not waited
    // for). The connection ends once the peer has read that and closes too.
    if (close_received_ || failed_) stream_->finish_sending();
    return;
  }
  bool caught_up = false;
  {
    const std::lock_guard lock(mutex_);
    caught_up = std::exchange(behind_, false) && !closed_;
  }
  if (caught_up) handler_->on_caught_up();
}

void SocketConnection::tick(TimePoint now) {
  if (ended_) return;
  if (const bool busy = std::exchange(records_, 0) >= kBusyRecords; busy != busy_) {
    busy_ = busy;
    stream_->keep_buffers(busy);
  }
  if (close_sent_ && now > close_deadline_) return end(end_code_);
  if (blocked_since_ != TimePoint() && now - blocked_since_ > limits().write) {
    ++loop_.shared().deadlines_missed;
    return end(CloseCode::too_slow);
  }
  if (close_sent_) return;
  const auto silence = now - heard_at_;
  if (silence > limits().ping_after + limits().pong_within) {
    ++loop_.shared().deadlines_missed;
    return end(CloseCode::abnormal);  // Half open: they would have answered the ping.
  }
  if (silence > limits().ping_after && !std::exchange(ping_sent_, true)) {
    append_frame(urgent_, Opcode::ping, "");
    flush();
  }
}

void SocketConnection::drain() { begin_close(CloseCode::going_away, "The server restarts."); }

void SocketConnection::cut() { end(close_sent_ ? end_code_ : CloseCode::going_away); }

void SocketConnection::end(CloseCode code) {
  if (std::exchange(ended_, true)) return;
  const auto keep = self();
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queue_ = {};
    queue_head_ = queued_bytes_ = 0;
  }
  stream_.reset();
  --loop_.shared().sockets_open;
  loop_.shared().leave(peer_.network());
  loop_.remove(*this);
  handler_->on_closed(code);
  handler_.reset();
}

}  // namespace wardline::net
