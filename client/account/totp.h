// One-time codes (RFC 6238: SHA-1, six digits, 30 seconds), for clients that hold their own second factor:
// bots, the load generator, the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardline::client {

/// `secret`: base32 as enrolment gave it. `now`: seconds since 1970. Nothing for a secret that is no base32.
std::optional<std::string> totp_code(std::string_view secret, std::int64_t now);

}  // namespace wardline::client
