// The directory, the on-call rota and contacts over HTTP (docs/api.md).
#pragma once

#include "server/directory/directory.h"
#include "server/http/router.h"

namespace wardline::http {

/// `directory` outlives the router.
void add_directory_routes(Router& router, directory::Directory& directory);

}  // namespace wardline::http
