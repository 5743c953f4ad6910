// The labelled key derivation of MLS (RFC 9420 §8, §9): every secret of a group comes out of one of these.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/suite.h"

namespace wardline::mls {

/// RFC 9420 §8 ExpandWithLabel. `length` is at most `largest_expansion(suite)`; more is a bug and ends the
/// process.
SecretBytes expand_with_label(const crypto::Suite& suite, ByteView secret, std::string_view label,
                              ByteView context, std::size_t length);

/// RFC 9420 §8 DeriveSecret: a secret of the size of the suite's hash, without context.
SecretBytes derive_secret(const crypto::Suite& suite, ByteView secret, std::string_view label);

/// RFC 9420 §9 DeriveTreeSecret: ExpandWithLabel whose context is the generation.
SecretBytes derive_tree_secret(const crypto::Suite& suite, ByteView secret, std::string_view label,
                               std::uint32_t generation, std::size_t length);

/// What HKDF-Expand can give at most (RFC 5869 §2.3), and what the KDFLabel can name.
std::size_t largest_expansion(const crypto::Suite& suite);

}  // namespace wardline::mls
