// The command line of `wardline`: what each argument means, and the help.
#pragma once

#include <span>
#include <string>

#include "client/cli/console.h"

namespace wardline::cli {

/// Runs what the arguments (without the program's name) ask for.
Exit run_command_line(std::span<const std::string> arguments, Console& console);

}  // namespace wardline::cli
