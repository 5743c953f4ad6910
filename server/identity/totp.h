// Time-based one-time codes (RFC 6238) as authenticator apps make them: SHA-1, six digits, steps of 30
// seconds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/bytes/secret_bytes.h"
#include "server/core/clock.h"

namespace wardline::identity {

inline constexpr std::size_t kTotpSecretSize = 20;

/// The number of the 30-second step that `now` lies in.
std::int64_t totp_step(core::Time now);

/// The code of one step.
std::string totp_code(ByteView secret, std::int64_t step);

/// The step that `code` belongs to, if it is the current one or a neighbour (RFC 6238 §5.2: one step of
/// drift) and later than `last_accepted_step`: a code works once. Compares in constant time.
std::optional<std::int64_t> verify_totp(ByteView secret, std::string_view code, core::Time now,
                                        std::int64_t last_accepted_step);

/// RFC 4648 base32 without padding: what people type when they cannot scan.
std::string totp_secret_text(ByteView secret);

/// The text of the QR code. `issuer` and `account` are percent-encoded.
std::string otpauth_uri(std::string_view issuer, std::string_view account, ByteView secret);

}  // namespace wardline::identity
