// The sockets of one network thread that have something to send, from whichever thread it came.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace wardline::net {

class SocketConnection;

/// Shared: handles to sockets outlive the loop, and may send while it ends.
class FlushQueue : public std::enable_shared_from_this<FlushQueue> {
 public:
  explicit FlushQueue(boost::asio::io_context& context) : context_(&context) {}

  /// From any thread: has the socket flushed on its loop, soon. However many are added until then, the loop
  /// is woken once; within a core::Burst it is woken at the end.
  void add(std::shared_ptr<SocketConnection> socket);
  /// The loop has ended: nothing is flushed any more.
  void close();

 private:
  void wake();
  void flush_all();

  std::mutex mutex_;
  boost::asio::io_context* context_;
  std::vector<std::shared_ptr<SocketConnection>> waiting_;
  bool woken_ = false;
};

}  // namespace wardline::net
