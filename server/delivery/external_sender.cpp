#include "server/delivery/external_sender.h"

namespace wardline::delivery {
namespace {

constexpr auto kAlgorithm = crypto::SignatureAlgorithm::ecdsa_p256_sha256;  // That of our cipher suite.

std::unexpected<core::Error> unusable() {
  return core::fail(core::ErrorKind::internal, "external-sender-key",
                    "The key of the delivery service cannot be used.");
}

}  // namespace

core::Result<crypto::SigningKey> load_external_sender_key(storage::Database& database,
                                                          storage::KeyRing& keys) {
  const storage::SealedColumn column(keys, "delivery-keys", "external_sender", "private_key");
  const ByteView row = as_bytes("external-sender");
  return database.write([&](storage::Transaction& tx) -> core::Result<crypto::SigningKey> {
    const auto stored =
        tx.query_value<storage::Sealed>("SELECT private_key FROM external_sender WHERE id = 1");
    if (stored) {
      const auto opened = column.open(tx, row, *stored);
      if (!opened) return std::unexpected(opened.error());
      auto key = crypto::SigningKey::from_raw(kAlgorithm, opened->view());
      if (!key) return unusable();
      return std::move(*key);
    }
    auto key = crypto::SigningKey::generate(kAlgorithm);
    if (!key) return unusable();
    const auto sealed = column.seal(tx, as_bytes("organisation"), row, key->to_raw().view());
    tx.execute("INSERT INTO external_sender (id, private_key) VALUES (1, $1)", sealed.stored());
    return std::move(*key);
  });
}

}  // namespace wardline::delivery
