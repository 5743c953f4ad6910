// The log of device certificates over HTTP: proofs for clients, tiles for monitors, alarms (docs/api.md).
#pragma once

#include "server/http/router.h"
#include "server/identity/device_log.h"

namespace wardline::http {

/// `log` outlives the router.
void add_device_log_routes(Router& router, identity::DeviceLog& log);

}  // namespace wardline::http
