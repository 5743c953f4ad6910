// Makes OpenSSL's random numbers the same in every run of an input, so that what the fuzzer found can be
// found again.
#pragma once

#include <cstdint>

namespace wardline::fuzz {

/// From now on `crypto::random_bytes`, new keys and signatures' nonces follow from `seed` alone. Good for a
/// quarter of a megabyte of randomness; to be called at the start of every input.
void repeat_random_from(std::uint64_t seed);

}  // namespace wardline::fuzz
