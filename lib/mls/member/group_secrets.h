// What a Welcome brings to one new member (RFC 9420 §12.4.3.1).
#pragma once

#include <optional>
#include <vector>

#include "lib/mls/public/proposal.h"

namespace wardline::mls {

struct GroupSecrets {
  SecretBytes joiner_secret;
  std::optional<SecretBytes>
      path_secret;  ///< of the lowest common ancestor with the committer, if it sent a path
  std::vector<PreSharedKeyId> psks;
  WARDLINE_TLS_FIELDS(joiner_secret, path_secret, psks)
};

}  // namespace wardline::mls
