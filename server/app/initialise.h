// `wardlined init`: makes a data directory that a server can start from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "server/core/clock.h"
#include "server/core/error.h"

namespace wardline::app {

struct InitialiseOptions {
  std::filesystem::path data;
  std::string organisation = "Hospital";
  std::string host = "localhost";  ///< Under which people reach the server.
  std::uint16_t port = 8443;
};

/// Makes the directory with keys, an empty database, a self-signed TLS certificate and wardline.toml. Errors:
/// "already-initialised", "bad-option", and those of the data directory.
core::Result<void> initialise(const InitialiseOptions& options, const core::Clock& clock);

}  // namespace wardline::app
