#include "server/http/routes/health_routes.h"

#include "server/http/json.h"

namespace wardline::http {

using policy::Action;

void add_health_routes(Router& router, std::function<bool()> is_ready) {
  // In place, not on a worker: a load balancer has to hear from us when all workers are busy.
  router.add_async<Action::public_health>(
      Method::get, "/healthz", [](const auto&, Reply reply) { reply(json_response({{"status", "up"}})); });
  router.add_async<Action::public_health>(
      Method::get, "/readyz", [is_ready = std::move(is_ready)](const auto&, Reply reply) {
        if (is_ready()) return reply(json_response({{"status", "ready"}}));
        reply(fail(ErrorKind::unavailable, "not-ready", "The server cannot take requests at the moment."));
      });
}

}  // namespace wardline::http
