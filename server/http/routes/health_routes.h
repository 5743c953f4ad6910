// Whether the process is up, and whether it can take work (OPS-2).
#pragma once

#include <functional>

#include "server/http/router.h"

namespace wardline::http {

/// `is_ready` must not block: false while starting, while draining, and while the database is away.
void add_health_routes(Router& router, std::function<bool()> is_ready);

}  // namespace wardline::http
