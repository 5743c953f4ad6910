// The message that lets added clients in (RFC 9420 §12.4.3.1). What it holds inside is lib/mls/member's.
#pragma once

#include "lib/mls/public/types.h"

namespace wardline::mls {

struct EncryptedGroupSecrets {
  KeyPackageRef new_member;
  HpkeCiphertext encrypted_group_secrets;
  bool operator==(const EncryptedGroupSecrets&) const = default;
  WARDLINE_TLS_FIELDS(new_member, encrypted_group_secrets)
};

struct Welcome {
  CipherSuite cipher_suite{};
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
  bool operator==(const Welcome&) const = default;
  WARDLINE_TLS_FIELDS(cipher_suite, secrets, encrypted_group_info)
};

}  // namespace wardline::mls
