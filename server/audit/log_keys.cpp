#include "server/audit/log_keys.h"

#include "lib/crypto/random.h"

namespace wardline::audit {
namespace {

constexpr std::size_t kSecretSize = 32;
constexpr std::string_view kPatientReferenceKey = "patient-reference";

Bytes context_of(std::string_view name) {
  return to_bytes(as_bytes("wardline audit key " + std::string(name)));
}

core::Result<std::optional<SecretBytes>> load(storage::Database& database, storage::Kms& kms,
                                              std::string_view name) {
  using Found = std::optional<storage::WrappedKey>;
  const auto found = database.read([&](storage::ReadTransaction& tx) -> core::Result<Found> {
    const storage::Rows rows = tx.query("SELECT wrapping_key, wrapped FROM audit_keys WHERE name = $1", name);
    if (rows.empty()) return Found();
    return Found({rows.front().get<std::string>(0), rows.front().get<Bytes>(1)});
  });
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::optional<SecretBytes>();
  auto secret = kms.unwrap(**found, context_of(name));
  if (!secret) return std::unexpected(secret.error());
  return std::optional<SecretBytes>(std::move(*secret));
}

core::Result<SecretBytes> load_or_create(storage::Database& database, storage::Kms& kms,
                                         std::string_view name) {
  auto existing = load(database, kms, name);
  if (!existing) return std::unexpected(existing.error());
  if (*existing) return std::move(**existing);

  const auto wrapped = kms.wrap(crypto::random_secret(kSecretSize), context_of(name));
  if (!wrapped) return std::unexpected(wrapped.error());
  const auto stored = database.write([&](storage::Transaction& tx) -> core::Result<void> {
    tx.execute(
        "INSERT INTO audit_keys (name, wrapping_key, wrapped) VALUES ($1, $2, $3) ON CONFLICT (name) DO "
        "NOTHING",
        name, wrapped->wrapping_key, wrapped->bytes);
    return {};
  });
  if (!stored) return std::unexpected(stored.error());
  // Another node may have been faster: what is stored is the key.
  existing = load(database, kms, name);
  if (!existing) return std::unexpected(existing.error());
  if (!*existing)
    return core::fail(core::ErrorKind::internal, "audit-key-missing",
                      "The key of the log could not be stored.");
  return std::move(**existing);
}

}  // namespace

core::Result<merkle::NoteSigner> load_log_key(storage::Database& database, storage::Kms& kms, const Log& log,
                                              std::string origin) {
  const auto seed = load_or_create(database, kms, log.signing_key);
  if (!seed) return std::unexpected(seed.error());
  auto signer = merkle::NoteSigner::create(std::move(origin), merkle::NoteKeyType::ed25519, seed->view());
  if (!signer) {
    return core::fail(core::ErrorKind::invalid, "audit-origin-invalid",
                      "The log's origin must be a name without spaces and plus signs, such as "
                      "wardline.example.org/audit.");
  }
  return std::move(*signer);
}

core::Result<PatientReferenceKey> load_patient_reference_key(storage::Database& database, storage::Kms& kms) {
  auto key = load_or_create(database, kms, kPatientReferenceKey);
  if (!key) return std::unexpected(key.error());
  return PatientReferenceKey(std::move(*key));
}

core::Result<void> rewrap_keys(storage::Database& database, storage::Kms& kms) {
  for (const std::string_view name : {kAuditLog.signing_key, kDeviceLog.signing_key, kPatientReferenceKey}) {
    const auto secret = load(database, kms, name);
    if (!secret) return std::unexpected(secret.error());
    if (!*secret) continue;
    const auto wrapped = kms.wrap(**secret, context_of(name));
    if (!wrapped) return std::unexpected(wrapped.error());
    const auto stored = database.write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute("UPDATE audit_keys SET wrapping_key = $2, wrapped = $3 WHERE name = $1", name,
                 wrapped->wrapping_key, wrapped->bytes);
      return {};
    });
    if (!stored) return stored;
  }
  return {};
}

}  // namespace wardline::audit
