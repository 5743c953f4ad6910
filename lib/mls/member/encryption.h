// Public-key encryption under a label (RFC 9420 §5.1.3): path secrets and the group secrets of a Welcome
// travel in it.
#pragma once

#include "lib/crypto/hpke.h"
#include "lib/mls/public/types.h"

namespace wardline::mls {

inline constexpr std::string_view kUpdatePathNodeLabel = "UpdatePathNode";  ///< RFC 9420 §7.6
inline constexpr std::string_view kWelcomeLabel = "Welcome";                ///< RFC 9420 §12.4.3.1

/// EncryptWithLabel, to any number of recipients: label and context are hashed once.
class LabeledEncryption {
 public:
  LabeledEncryption(const Suite& suite, std::string_view label, ByteView context);
  crypto::Result<HpkeCiphertext> encrypt(const HpkePublicKey& key, ByteView plaintext) const;

 private:
  crypto::HpkeSealer sealer_;
};

/// DecryptWithLabel.
crypto::Result<SecretBytes> decrypt_with_label(const Suite& suite, const crypto::HpkePrivateKey& key,
                                               std::string_view label, ByteView context,
                                               const HpkeCiphertext& ciphertext);

}  // namespace wardline::mls
