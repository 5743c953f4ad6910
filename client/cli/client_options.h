// The options of the commands that talk to a server, and their help.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "client/cli/console.h"

namespace wardline::cli {

using Chosen = std::function<Exit(Console&)>;

/// Adds the commands; `chosen` is set to the one that the arguments ask for. The commands' options live as
/// long as `app`.
void add_client_commands(CLI::App& app, Chosen& chosen);

}  // namespace wardline::cli
