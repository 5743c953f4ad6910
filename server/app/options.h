// What the configuration means for the parts behind the network.
#pragma once

#include "server/app/backend.h"
#include "server/app/configuration.h"

namespace wardline::app {

BackendOptions backend_options_of(const Configuration& configuration);

}  // namespace wardline::app
