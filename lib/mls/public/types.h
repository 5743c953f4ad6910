// The numbers and small values that every MLS structure is made of (RFC 9420 §5, §6, §17).
#pragma once

#include <compare>
#include <cstdint>

#include "lib/bytes/bytes.h"
#include "lib/crypto/suite.h"
#include "lib/tls_codec/codec.h"

namespace wardline::mls {

using crypto::CipherSuite;
using crypto::Suite;
using Epoch = std::uint64_t;
using GroupId = Bytes;

/// §6. Values other than `mls10` occur in capabilities (GREASE, later versions).
enum class ProtocolVersion : std::uint16_t { mls10 = 1 };

/// Which leaf of the ratchet tree, counted from the left.
struct LeafIndex {
  std::uint32_t value = 0;
  auto operator<=>(const LeafIndex&) const = default;
  WARDLINE_TLS_FIELDS(value)
};

/// Which node of the ratchet tree in the array representation (Appendix C): leaf i is node 2i.
struct NodeIndex {
  std::uint32_t value = 0;
  auto operator<=>(const NodeIndex&) const = default;
};

/// RefHash outputs (§5.2).
using KeyPackageRef = Bytes;
using ProposalRef = Bytes;

/// §5.1.1: an HPKE public key in raw form; EC points uncompressed.
using HpkePublicKey = Bytes;
/// §5.1.1: a signature public key in raw form; EC points uncompressed.
using SignaturePublicKey = Bytes;

/// §7.6.
struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
  bool operator==(const HpkeCiphertext&) const = default;
  WARDLINE_TLS_FIELDS(kem_output, ciphertext)
};

/// Builds a visitor out of lambdas, one per alternative of a variant.
template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};

}  // namespace wardline::mls
