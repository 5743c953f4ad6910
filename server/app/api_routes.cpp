#include "server/app/api_routes.h"

#include "server/http/routes/conversation_routes.h"
#include "server/http/routes/device_log_routes.h"
#include "server/http/routes/directory_routes.h"
#include "server/http/routes/file_routes.h"
#include "server/http/routes/health_routes.h"
#include "server/http/routes/identity_routes.h"
#include "server/http/routes/patient_routes.h"
#include "server/http/routes/socket_route.h"

namespace wardline::app {

void add_api_routes(http::Router& router, ApiParts parts) {
  Backend& backend = parts.backend;
  const http::IdentityParts identity{backend.identity(), backend.directory()};
  http::add_health_routes(router, std::move(parts.is_ready));
  http::add_sign_in_routes(router, identity);
  http::add_session_routes(router, identity);
  http::add_device_routes(router, identity);
  http::add_factor_routes(router, identity);
  http::add_account_routes(router, identity);
  http::add_directory_routes(router, backend.directory());
  http::add_patient_routes(router, backend.patients());
  http::add_conversation_routes(router, backend.delivery());
  http::add_delivery_service_route(router, backend.delivery(),
                                   backend.identity().authority().certificate().der(),
                                   backend.files().limits(), backend.device_log().key());
  http::add_file_routes(router, backend.files());
  http::add_device_log_routes(router, backend.device_log());
  http::add_key_package_routes(router, backend.delivery());
  http::add_socket_route(router, backend.delivery(), parts.authenticator, std::move(parts.run_later));
}

}  // namespace wardline::app
