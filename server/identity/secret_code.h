// Secrets that identity hands out once: session tokens, sign-in ids, activation codes. Only their hashes are
// stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/bytes/bytes.h"

namespace wardline::identity {

/// 256 random bits, as base64url.
std::string new_token();
/// SHA-256 of a token; nothing for what is not one.
std::optional<Bytes> token_hash(std::string_view token);

/// Twelve characters that are hard to misread, in groups of four: "7KQ2-M4XZ-P09C". 60 random bits.
std::string new_activation_code();
/// As people type it: upper case, without dashes and spaces, O as 0, I and L as 1.
std::string normalised_code(std::string_view typed);

}  // namespace wardline::identity
