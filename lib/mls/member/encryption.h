// Public-key encryption under a label (RFC 9420 §5.1.3): path secrets and the group secrets of a Welcome
// travel in it.
#pragma once

#include "lib/crypto/hpke.h"
#include "lib/mls/public/types.h"

namespace wardline::mls {

inline constexpr std::string_view kUpdatePathNodeLabel = "UpdatePathNode";  ///< RFC 9420 §7.6
inline constexpr std::string_view kWelcomeLabel = "Welcome";                ///< RFC 9420 §12.4.3.1

crypto::Result<HpkeCiphertext> encrypt_with_label(const Suite& suite, const HpkePublicKey& key,
                                                  std::string_view label, ByteView context,
                                                  ByteView plaintext);
crypto::Result<SecretBytes> decrypt_with_label(const Suite& suite, const crypto::HpkePrivateKey& key,
                                               std::string_view label, ByteView context,
                                               const HpkeCiphertext& ciphertext);

}  // namespace wardline::mls
