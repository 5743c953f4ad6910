#include "client/store/store_key.h"

#include "lib/crypto/hash.h"

namespace wardline::client {

SecretBytes derive_store_key(const SecretBytes& local_secret, const SecretBytes& storage_share,
                             StorePurpose purpose) {
  const auto half =
      crypto::hkdf_extract(crypto::HashAlgorithm::sha256, local_secret.view(), storage_share.view());
  const std::string_view info =
      purpose == StorePurpose::records ? "wardline store v1 records" : "wardline store v1 mls";
  return std::move(*crypto::hkdf_expand(crypto::HashAlgorithm::sha256, half.view(), as_bytes(info), 32));
}

}  // namespace wardline::client
