// Where the network meets the routes: limits, origin, session and policy's first word on each request, and
// then its handler, on a worker or in place.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/metrics.h"
#include "server/http/authenticator.h"
#include "server/http/origin_check.h"
#include "server/http/rate_limiter.h"
#include "server/http/router.h"
#include "server/http/static_files.h"
#include "server/http/worker_pool.h"
#include "server/net/server.h"

namespace wardline::http {

struct GatewaySettings {
  std::vector<std::string> origins = {};                ///< See OriginCheck.
  Rate per_address{.per_second = 400, .burst = 2'000};  ///< A whole hospital may come from one address.
  Rate per_user{.per_second = 50, .burst = 300};
  std::size_t most_tracked = 50'000;
};

/// All of it outlives the gateway; wired in app/.
struct GatewayParts {
  const Router& router;
  Authenticator& authenticator;
  WorkerPool& workers;
  core::Metrics& metrics;
  const core::Clock& clock;
  const StaticFiles* web = nullptr;  ///< Nothing: the API alone.
};

class Gateway final : public net::Service {
 public:
  Gateway(const GatewayParts& parts, GatewaySettings settings);
  ~Gateway() override;

  net::Admission admit(const net::RequestHead& head) override;
  void serve(net::Request request, net::Respond respond) override;
  void decide_socket(net::RequestHead head, net::AnswerUpgrade answer) override;
  net::Response explain(net::Fault fault) override;

 private:
  struct RouteMetrics;
  struct Call;
  using CallPtr =
      std::shared_ptr<Call>;  // Shared between a handler that answers later and whoever waits for it.

  Result<void> check(const net::RequestHead& head, const Router::Match& match);
  Result<void> check_session_early(const net::RequestHead& head, const Route& route);

  /// The caller of that route, as far as policy's first word goes. Blocks.
  Result<std::optional<policy::Subject>> identify(const net::RequestHead& head, const Route& route);
  Result<policy::Subject> admit_subject(Result<policy::Subject> subject, const net::RequestHead& head,
                                        const Route& route);

  void run_handler(const Handler& handler, const CallPtr& call);
  void run_async(const AsyncHandler& handler, const CallPtr& call);
  void start_async(const AsyncHandler& handler, const CallPtr& call, std::optional<policy::Subject> subject);
  Result<std::unique_ptr<net::SocketHandler>> open_socket(net::RequestHead head, RequestId id);
  void finish(Call& call, Result<Response> result);
  net::Response refusal(const core::Error& error, std::optional<int> status = std::nullopt);
  net::Response not_found(const Router::Match& match);
  RouteMetrics& metrics_of(const Route* route);

  const GatewayParts parts_;
  const OriginCheck origins_;
  RateLimiter<net::Address> addresses_;
  RateLimiter<core::UserId> users_;
  std::vector<std::pair<const Route*, std::unique_ptr<RouteMetrics>>> route_metrics_;  ///< Sorted by route.
  std::unique_ptr<RouteMetrics> other_metrics_;
};

}  // namespace wardline::http
