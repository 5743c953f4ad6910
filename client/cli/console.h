// Where a command writes, and how it ends.
#pragma once

#include <ostream>

namespace wardline::cli {

/// The exit codes of every command. Scripts rely on them.
enum class Exit : int {
  good = 0,         ///< done; for a check: everything agrees
  bad = 1,          ///< a check found something wrong
  usage = 2,        ///< the command line makes no sense
  not_checked = 3,  ///< something that is needed is missing or cannot be read: nothing is said about the rest
};

struct Console {
  std::ostream& out;
  std::ostream& err;
};

}  // namespace wardline::cli
