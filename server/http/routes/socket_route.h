// The socket of a device (docs/api.md): sends, receipts and typing in; entries, receipts and notices out.
#pragma once

#include "server/delivery/delivery.h"
#include "server/http/authenticator.h"
#include "server/http/router.h"

namespace wardline::http {

/// `run_later` runs a task on a worker thread. All outlive the router.
void add_socket_route(Router& router, delivery::Delivery& delivery, Authenticator& authenticator,
                      delivery::RunLater run_later);

}  // namespace wardline::http
