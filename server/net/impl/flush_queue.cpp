#include "server/net/impl/flush_queue.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "server/core/burst.h"
#include "server/net/impl/socket_connection.h"

namespace wardline::net {

void FlushQueue::add(std::shared_ptr<SocketConnection> socket) {
  {
    const std::lock_guard lock(mutex_);
    if (context_ == nullptr) return;
    waiting_.push_back(std::move(socket));
    if (std::exchange(woken_, true)) return;
  }
  core::Burst::at_end([self = shared_from_this()] { self->wake(); });
}

void FlushQueue::wake() {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  boost::asio::post(*context_, [self = shared_from_this()] { self->flush_all(); });
}

void FlushQueue::flush_all() {
  std::vector<std::shared_ptr<SocketConnection>> sockets;
  {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    sockets.swap(waiting_);
  }
  for (const auto& socket : sockets) socket->flush_queued();
}

void FlushQueue::close() {
  std::vector<std::shared_ptr<SocketConnection>> dropped;
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  dropped.swap(waiting_);
}

}  // namespace wardline::net
