#include "lib/mls/member/path_secret.h"

#include "lib/crypto/random.h"
#include "lib/mls/member/labels.h"

namespace wardline::mls {

PathSecret PathSecret::random(const Suite& suite) { return {crypto::random_secret(suite.hash_size)}; }

PathSecret PathSecret::next(const Suite& suite) const { return {derive_secret(suite, value.view(), "path")}; }

crypto::Result<crypto::HpkePrivateKey> PathSecret::node_key(const Suite& suite) const {
  return crypto::HpkePrivateKey::derive(suite, derive_secret(suite, value.view(), "node").view());
}

}  // namespace wardline::mls
