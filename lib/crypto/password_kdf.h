// The approved password hash (NIST SP 800-132). Argon2id, the better one outside of FIPS mode, lives with the
// accounts.
#pragma once

#include <cstdint>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/error.h"

namespace wardline::crypto {

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2). `bad_length` for no iterations or no output. Slow by design:
/// keep it off the event loop.
Result<SecretBytes> pbkdf2_hmac_sha256(ByteView password, ByteView salt, std::uint32_t iterations,
                                       std::size_t length);

}  // namespace wardline::crypto
