// Files of conversations over HTTP (docs/api.md "Files").
#pragma once

#include "server/files/files.h"
#include "server/http/router.h"

namespace wardline::http {

/// `files` must outlive the router.
void add_file_routes(Router& router, files::Files& files);

}  // namespace wardline::http
