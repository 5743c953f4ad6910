#include "server/app/node.h"

#include "server/app/api_routes.h"
#include "server/app/options.h"
#include "server/core/log.h"

namespace wardline::app {
namespace {

using core::Result;
namespace log = core::log;

constexpr std::size_t kMostWaiting = 2'048;
constexpr auto kHousekeeping = std::chrono::minutes(1);

}  // namespace

Result<std::unique_ptr<Node>> Node::create(const Configuration& configuration, const core::Clock& clock) {
  std::unique_ptr<Node> node(new Node(configuration, clock));
  if (auto opened = node->open(); !opened) return std::unexpected(opened.error());
  return node;
}

Result<void> Node::open() {
  if (auto loaded = load_web_client(); !loaded) return loaded;
  auto backend = Backend::open(backend_options_of(configuration_), clock_);
  if (!backend) return std::unexpected(backend.error());
  backend_ = std::move(*backend);
  // Before anybody is let in: a server whose record cannot be kept takes no work.
  if (auto started = backend_->start_logs(); !started) return std::unexpected(started.error());
  workers_ = std::make_unique<http::WorkerPool>(configuration_.workers, kMostWaiting);
  add_api_routes(router_,
                 {.backend = *backend_,
                  .authenticator = backend_->authenticator(),
                  .run_later = [this](std::function<void()> task) { workers_->run(std::move(task)); },
                  .is_ready = [this] { return is_ready(); }});
  gateway_ = std::make_unique<http::Gateway>(http::GatewayParts{router_, backend_->authenticator(), *workers_,
                                                                metrics_, clock_, web_ ? &*web_ : nullptr},
                                             http::GatewaySettings{.origins = {configuration_.origin}});
  return listen();
}

Result<void> Node::load_web_client() {
  if (!configuration_.web) return {};
  auto files = http::StaticFiles::load(*configuration_.web);
  if (!files) return std::unexpected(files.error());
  web_.emplace(std::move(*files));
  return {};
}

Result<void> Node::listen() {
  net::Limits limits = configuration_.limits;
  // The largest message that is promised (GET /v1/delivery-service), in base64, with what goes with it.
  limits.socket_message_bytes = 384UL * 1024;
  auto server = net::Server::create({.address = configuration_.address,
                                     .port = configuration_.port,
                                     .threads = configuration_.threads,
                                     .tls = configuration_.tls,
                                     .limits = limits},
                                    *gateway_);
  if (!server) return std::unexpected(server.error());
  server_ = std::move(*server);
  add_metrics();
  if (!configuration_.metrics) return {};
  metrics_service_ = std::make_unique<MetricsService>(metrics_);
  auto metrics = net::Server::create({.address = configuration_.metrics_address,
                                      .port = configuration_.metrics_port,
                                      .threads = 1,
                                      .tls = std::nullopt},
                                     *metrics_service_);
  if (!metrics) return std::unexpected(metrics.error());
  metrics_server_ = std::move(*metrics);
  return {};
}

void Node::add_metrics() {
  const auto now = [this](std::string_view name, std::string_view help,
                          std::uint64_t net::ServerCounts::* member) {
    metrics_.gauge(name, help, [this, member] { return static_cast<double>(server_->counts().*member); });
  };
  const auto total = [this](std::string_view name, std::string_view help,
                            std::uint64_t net::ServerCounts::* member) {
    metrics_.counted(name, help, [this, member] { return static_cast<double>(server_->counts().*member); });
  };
  using Counts = net::ServerCounts;
  now("wardline_connections_open", "Open connections.", &Counts::connections_open);
  now("wardline_sockets_open", "Open WebSocket connections.", &Counts::sockets_open);
  now("wardline_requests_in_flight", "Requests that wait for their answer.", &Counts::requests_in_flight);
  total("wardline_connections_accepted_total", "Connections accepted.", &Counts::connections_accepted);
  total("wardline_connections_refused_total", "Connections over a limit.", &Counts::connections_refused);
  total("wardline_tls_handshakes_failed_total", "TLS handshakes that came to nothing.",
        &Counts::handshakes_failed);
  total("wardline_deadlines_missed_total", "Connections that were too slow.", &Counts::deadlines_missed);
  total("wardline_requests_malformed_total", "Requests that are no HTTP/1.1.", &Counts::requests_malformed);
  metrics_.gauge("wardline_workers_waiting", "Tasks that wait for a worker.",
                 [this] { return static_cast<double>(workers_->waiting()); });
  metrics_.gauge("wardline_ready", "1 while the server takes work.",
                 [this] { return is_ready() ? 1.0 : 0.0; });
}

void Node::start() {
  ready_ = true;
  server_->start();
  if (metrics_server_) metrics_server_->start();
  housekeeper_ = std::thread([this] { housekeep(); });
}

void Node::housekeep() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kHousekeeping, [this] { return stopping_; })) {
    lock.unlock();
    backend_->housekeep();
    lock.lock();
  }
}

void Node::reload_certificate() {
  if (auto reloaded = server_->reload_certificate(); !reloaded)
    return log::error("certificate-not-reloaded", {{"detail", log::Technical{reloaded.error().detail}}});
  log::info("certificate-reloaded");
}

void Node::drain() {
  ready_ = false;
  if (server_) server_->drain(configuration_.drain);
  if (metrics_server_) metrics_server_->drain(std::chrono::seconds(0));
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (housekeeper_.joinable()) housekeeper_.join();
}

Node::~Node() { drain(); }

}  // namespace wardline::app
