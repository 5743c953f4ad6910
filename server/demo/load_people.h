// People who exist to be signed in by a load generator (`wardlined load-accounts`).
#pragma once

#include "server/demo/demo_data.h"

namespace wardline::demo {

/// Adds `count` nurses of one service, all with the same fresh random password, each with an activation code
/// of their own.
core::Result<std::vector<directory::FirstSignIn>> load_people(const Parts& parts, int count);

}  // namespace wardline::demo
