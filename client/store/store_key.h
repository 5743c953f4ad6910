// The key that opens a device's state: half of it lies on the device, half with the server, which gives it to
// an unrevoked device for a session only (DESIGN §3 "wipe that works off line", DEV-2).
#pragma once

#include "lib/bytes/secret_bytes.h"

namespace wardline::client {

/// What the key is for. Each purpose has a key of its own.
enum class StorePurpose : std::uint8_t { records, mls };

/// HKDF-SHA-256 over both halves, as web/packages/store does it: 32 bytes.
SecretBytes derive_store_key(const SecretBytes& local_secret, const SecretBytes& storage_share,
                             StorePurpose purpose);

}  // namespace wardline::client
