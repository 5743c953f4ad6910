#include "lib/mls/member/sender_data.h"

#include "lib/mls/member/labels.h"

namespace wardline::mls {

SenderDataKey derive_sender_data_key(const crypto::Suite& suite, ByteView sender_data_secret,
                                     ByteView ciphertext) {
  const ByteView sample = ciphertext.first(std::min(ciphertext.size(), suite.hash_size));
  return {expand_with_label(suite, sender_data_secret, "key", sample, suite.key_size),
          expand_with_label(suite, sender_data_secret, "nonce", sample, suite.nonce_size)};
}

}  // namespace wardline::mls
