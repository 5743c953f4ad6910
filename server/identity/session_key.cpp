#include "server/identity/session_key.h"

#include <algorithm>

#include "server/identity/secret_code.h"

namespace wardline::identity {

std::optional<SessionKey> SessionKey::of(std::string_view token) {
  const auto hash = token_hash(token);
  if (!hash) return std::nullopt;
  SessionKey key;
  std::ranges::copy(*hash, key.hash_.begin());
  return key;
}

}  // namespace wardline::identity
