// New accounts as an organisation hands them over: what people need to sign in the first time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/directory/joining.h"

namespace wardline::app {

/// A table for people, below `title`.
std::string as_table(std::string_view title, const std::vector<directory::FirstSignIn>& accounts);
/// {"accounts": [...]}, for programs.
std::string as_json(const std::vector<directory::FirstSignIn>& accounts);

}  // namespace wardline::app
