// The commands of `wardlined` that do not serve: they prepare a data directory for it.
#pragma once

#include "server/core/error.h"

namespace CLI {
class App;
}

namespace wardline::app {

/// One plain line, for a person at a terminal or in the journal. Gives a status that a service manager does
/// not try again for (EX_CONFIG), because it would not help.
int refuse(const core::Error& error);

/// Declares them. Whichever is called runs while the arguments are parsed, and leaves its exit status.
void declare_preparing_commands(CLI::App& program, int& status);

}  // namespace wardline::app
