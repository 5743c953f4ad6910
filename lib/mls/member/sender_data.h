// Sender data (RFC 9420 §6.3.2): who wrote a PrivateMessage and with which generation, hidden from those
// outside.
#pragma once

#include "lib/bytes/secret_bytes.h"
#include "lib/crypto/suite.h"

namespace wardline::mls {

struct SenderDataKey {
  SecretBytes key;
  SecretBytes nonce;
};

/// RFC 9420 §6.3.2: key and nonce depend on the first KDF.Nh bytes of the message's ciphertext.
SenderDataKey derive_sender_data_key(const crypto::Suite& suite, ByteView sender_data_secret,
                                     ByteView ciphertext);

}  // namespace wardline::mls
