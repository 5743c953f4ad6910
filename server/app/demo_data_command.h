// `wardlined demo-data --data DIR`: fills an initialised, empty server with a hospital to try it with.
#pragma once

#include <filesystem>

#include "server/app/backend.h"

namespace wardline::app {

/// Loads the people, duties and patients, and writes who can sign in with what to `file` (mode 0600) and to
/// standard output. Errors: "accounts-file" (the file exists: nothing is loaded), "not-empty".
core::Result<void> load_demo_data(Backend& backend, const std::filesystem::path& file);

}  // namespace wardline::app
