// Conversations, their logs, key packages and Welcomes over HTTP (docs/api.md).
#pragma once

#include "server/delivery/delivery.h"
#include "server/files/files.h"
#include "server/http/router.h"

namespace wardline::http {

/// `delivery` must outlive the router.
void add_conversation_routes(Router& router, delivery::Delivery& delivery);
/// What a client must know of this server to take part. `device_ca`: the certificate of the device CA, DER.
/// `device_log_key`: what clients pin, next to the device CA.
void add_delivery_service_route(Router& router, delivery::Delivery& delivery, Bytes device_ca,
                                const files::Limits& files, std::string_view device_log_key);
void add_key_package_routes(Router& router, delivery::Delivery& delivery);

}  // namespace wardline::http
