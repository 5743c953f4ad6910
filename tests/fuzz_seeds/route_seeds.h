// Seeds for the target `http_routes`: each call of docs/api.md, well formed.
#pragma once

#include "tests/fuzz_seeds/seeds.h"

namespace wardline::fuzz {

void add_routes(Seeds& seeds);

}  // namespace wardline::fuzz
