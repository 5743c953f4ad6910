// Key packages (RFC 9420 §10) of this device, ready for the directory, their private halves sealed.
#pragma once

#include "lib/conversation/context.h"

namespace wardline::conversation {

/// Whether one more is made that may be used again while no other is left (RFC 9420 §16.8).
enum class LastResort : std::uint8_t { no = 0, yes = 1 };

/// `count` key packages, and the last-resort one at the end. Their private halves open with `key`.
Outcome<std::vector<SealedKeyPackage>> make_key_packages(std::uint32_t count, LastResort last_resort,
                                                         const mls::SealingKey& key, const Context& context);

}  // namespace wardline::conversation
