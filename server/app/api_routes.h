// Every route of docs/api.md, onto one backend.
#pragma once

#include <functional>

#include "server/app/backend.h"
#include "server/http/router.h"

namespace wardline::app {

struct ApiParts {
  Backend& backend;
  http::Authenticator& authenticator;  ///< of the frames of sockets
  delivery::RunLater run_later;        ///< on a thread that may block
  std::function<bool()> is_ready;
};

/// What the parts refer to outlives the router.
void add_api_routes(http::Router& router, ApiParts parts);

}  // namespace wardline::app
