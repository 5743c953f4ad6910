// Random bytes from the operating system's generator, through the provider.
#pragma once

#include "lib/bytes/secret_bytes.h"

namespace wardline::crypto {

/// Never returns weak bytes: ends the process if the generator fails.
Bytes random_bytes(std::size_t size);
SecretBytes random_secret(std::size_t size);

}  // namespace wardline::crypto
