// One running wardlined: the backend, its routes, and the listeners in front of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "server/app/backend.h"
#include "server/app/configuration.h"
#include "server/app/metrics_service.h"
#include "server/http/gateway.h"

namespace wardline::app {

class Node {
 public:
  /// Opens everything and binds; serves once `start` is called. Errors say what is wrong and what to do.
  static core::Result<std::unique_ptr<Node>> create(const Configuration& configuration,
                                                    const core::Clock& clock);
  ~Node();

  void start();
  /// Stops accepting, lets what is in flight finish, and returns when all is quiet.
  void drain();
  /// Takes the certificate and key files into use again (SIGHUP).
  void reload_certificate();

  std::uint16_t port() const { return server_->port(); }
  std::uint16_t metrics_port() const { return metrics_server_ ? metrics_server_->port() : std::uint16_t{0}; }
  const http::Router& router() const { return router_; }
  Backend& backend() { return *backend_; }

 private:
  Node(const Configuration& configuration, const core::Clock& clock)
      : configuration_(configuration), clock_(clock) {}
  core::Result<void> open();
  core::Result<void> load_web_client();
  void add_metrics();
  core::Result<void> listen();
  bool is_ready() const { return ready_ && !backend_->trouble(); }
  void housekeep();

  const Configuration configuration_;
  const core::Clock& clock_;
  core::Metrics metrics_;
  // In the order of use: what stands below may use what stands above, and ends first.
  std::unique_ptr<Backend> backend_;
  std::optional<http::StaticFiles> web_;
  http::Router router_;
  std::unique_ptr<http::WorkerPool> workers_;
  std::unique_ptr<http::Gateway> gateway_;
  std::unique_ptr<net::Server> server_;
  std::unique_ptr<MetricsService> metrics_service_;
  std::unique_ptr<net::Server> metrics_server_;

  std::atomic<bool> ready_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread housekeeper_;
};

}  // namespace wardline::app
