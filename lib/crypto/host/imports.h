// What the module asks of its host (a browser, or Node.js): the primitives. The other side is
// web/packages/mls/src/host. Sizes follow from the algorithm where they are not given. Those that may wait
// for WebCrypto are marked: a host with JavaScript Promise Integration suspends the module in them.
#pragma once

#include <cstddef>
#include <cstdint>

#define WARDLINE_HOST_IMPORT(name) __attribute__((import_module("wardline"), import_name(#name)))

namespace wardline::crypto::host {

extern "C" {
WARDLINE_HOST_IMPORT(random) void host_random(std::uint8_t* out, std::size_t size);
WARDLINE_HOST_IMPORT(hash)
void host_hash(std::uint32_t algorithm, const std::uint8_t* data, std::size_t size, std::uint8_t* out);
WARDLINE_HOST_IMPORT(hmac)
void host_hmac(std::uint32_t algorithm, const std::uint8_t* key, std::size_t key_size,
               const std::uint8_t* data, std::size_t size, std::uint8_t* out);

// All below return 1 for success.

/// May wait. `out` takes size + 16 bytes.
WARDLINE_HOST_IMPORT(aead_seal)
int host_aead_seal(std::uint32_t algorithm, const std::uint8_t* key, const std::uint8_t* nonce,
                   const std::uint8_t* ad, std::size_t ad_size, const std::uint8_t* data, std::size_t size,
                   std::uint8_t* out);
/// May wait. `out` takes size - 16 bytes.
WARDLINE_HOST_IMPORT(aead_open)
int host_aead_open(std::uint32_t algorithm, const std::uint8_t* key, const std::uint8_t* nonce,
                   const std::uint8_t* ad, std::size_t ad_size, const std::uint8_t* data, std::size_t size,
                   std::uint8_t* out);

WARDLINE_HOST_IMPORT(dh_public_key)
int host_dh_public_key(std::uint32_t kem, const std::uint8_t* private_key, std::uint8_t* public_key);
WARDLINE_HOST_IMPORT(dh_is_valid) int host_dh_is_valid(std::uint32_t kem, const std::uint8_t* public_key);
/// May wait.
WARDLINE_HOST_IMPORT(dh_agree)
int host_dh_agree(std::uint32_t kem, const std::uint8_t* private_key, const std::uint8_t* public_key,
                  const std::uint8_t* peer, std::uint8_t* out);

WARDLINE_HOST_IMPORT(signature_public_key)
int host_signature_public_key(std::uint32_t algorithm, const std::uint8_t* private_key,
                              std::uint8_t* public_key);
WARDLINE_HOST_IMPORT(signature_is_valid)
int host_signature_is_valid(std::uint32_t algorithm, const std::uint8_t* public_key);
/// `signature` is r || s for ECDSA.
WARDLINE_HOST_IMPORT(sign)
int host_sign(std::uint32_t algorithm, const std::uint8_t* private_key, const std::uint8_t* data,
              std::size_t size, std::uint8_t* signature);
/// May wait.
WARDLINE_HOST_IMPORT(verify)
int host_verify(std::uint32_t algorithm, const std::uint8_t* public_key, const std::uint8_t* data,
                std::size_t size, const std::uint8_t* signature);
}

}  // namespace wardline::crypto::host
