// Where a command writes, and how it ends.
#pragma once

#include <ostream>

namespace wardline::cli {

/// The exit codes of every command. Scripts rely on them.
enum class Exit : int {
  good = 0,         ///< done; for a check: everything agrees
  bad = 1,          ///< a check found something wrong; a server or a rule said no
  usage = 2,        ///< the command line makes no sense
  not_checked = 3,  ///< something that is needed is missing or cannot be read: nothing is said about the rest
  sign_in = 4,      ///< nobody is signed in, or what was given to sign in with is wrong
  decide = 5,       ///< a person has to decide first: which of several, or that it is the right one
  try_again = 6,    ///< no answer, or another process is at it: the same command may succeed later
  device_lost = 7,  ///< this device was revoked, or what it kept does not open
  untrusted = 8,    ///< devices of others cannot be trusted: sending is on hold (ENC-8)
};

struct Console {
  std::ostream& out;
  std::ostream& err;
};

}  // namespace wardline::cli
