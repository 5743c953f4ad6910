// Where passwords and codes come from: a prompt without echo, the environment, or an open file. Never an
// argument, which every process on the machine can read.
#pragma once

#include <string>

#include "client/messaging/error.h"

namespace wardline::cli {

/// What is asked for: `prompt` for people, `variable` for scripts ("WARDLINE_PASSWORD"; with "_FD" behind it,
/// the number of an open file whose first line it is).
struct SecretQuestion {
  std::string prompt;
  std::string variable;
};

/// `no-secret` if nobody can be asked.
client::Outcome<SecretBytes> ask_secret(const SecretQuestion& question);

/// All of a file, or of standard input for "-"; at most a megabyte. For text about patients, which is no
/// argument either. `unreadable-file`.
client::Outcome<std::string> read_input(const std::string& file);

}  // namespace wardline::cli
