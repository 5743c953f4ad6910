#include "server/identity/factor_store.h"

namespace wardline::identity {

std::string_view name_of(FactorKind kind) { return kind == FactorKind::webauthn ? "webauthn" : "totp"; }

FactorStore::FactorStore(storage::KeyRing& keys)
    : name_(keys, "identity", "factors", "name"), totp_secret_(keys, "identity", "factors", "totp_secret") {}

FactorId FactorStore::insert(storage::Transaction& tx, core::UserId user, std::string_view name,
                             ByteView totp_secret, std::int64_t step, core::Time now) const {
  const auto id = core::new_id<FactorId>();
  const auto scope = organisation_scope();
  tx.execute(
      "INSERT INTO factors (factor_id, user_id, kind, name, created_at, last_used_at, totp_secret, "
      "totp_step) "
      "VALUES ($1, $2, 'totp', $3, $4, $4, $5, $6)",
      id, user, name_.seal(tx, scope, id.view(), name).stored(), now,
      totp_secret_.seal(tx, scope, id.view(), totp_secret).stored(), step);
  return id;
}

FactorId FactorStore::insert(storage::Transaction& tx, core::UserId user, std::string_view name,
                             const webauthn::Credential& credential, core::Time now) const {
  const auto id = core::new_id<FactorId>();
  tx.execute(
      "INSERT INTO factors (factor_id, user_id, kind, name, created_at, last_used_at, credential_id, "
      "algorithm, "
      "public_key, sign_count) VALUES ($1, $2, 'webauthn', $3, $4, $4, $5, $6, $7, $8)",
      id, user, name_.seal(tx, organisation_scope(), id.view(), name).stored(), now, credential.id,
      static_cast<std::int64_t>(credential.algorithm), credential.public_key,
      static_cast<std::int64_t>(credential.sign_count));
  return id;
}

core::Result<std::vector<Factor>> FactorStore::list(storage::ReadTransaction& tx, core::UserId user) const {
  std::vector<Factor> factors;
  const auto rows = tx.query(
      "SELECT factor_id, kind, name, created_at, last_used_at FROM factors WHERE user_id = $1 ORDER BY "
      "factor_id",
      user);
  for (const auto row : rows) {
    Factor factor;
    factor.id = row.get<FactorId>(0);
    factor.kind = row.text_view(1) == "totp" ? FactorKind::totp : FactorKind::webauthn;
    const auto name = name_.open(tx, factor.id.view(), row.get<storage::Sealed>(2));
    if (!name) return std::unexpected(name.error());
    factor.name = name->text();
    factor.created_at = row.get<core::Time>(3);
    factor.last_used_at = row.get<std::optional<core::Time>>(4);
    factors.push_back(std::move(factor));
  }
  return factors;
}

std::vector<Bytes> FactorStore::credential_ids(storage::ReadTransaction& tx, core::UserId user) const {
  std::vector<Bytes> ids;
  const auto rows = tx.query(
      "SELECT credential_id FROM factors WHERE user_id = $1 AND kind = 'webauthn' ORDER BY factor_id", user);
  for (const auto row : rows) ids.push_back(row.get<Bytes>(0));
  return ids;
}

bool FactorStore::is_credential_known(storage::ReadTransaction& tx, ByteView credential_id) const {
  return !tx.query("SELECT 1 FROM factors WHERE credential_id = $1", credential_id).empty();
}

core::Result<std::optional<TotpFactor>> FactorStore::totp(storage::ReadTransaction& tx,
                                                          core::UserId user) const {
  const auto rows = tx.query(
      "SELECT factor_id, totp_secret, totp_step FROM factors WHERE user_id = $1 AND kind = 'totp'", user);
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  TotpFactor factor;
  factor.id = row.get<FactorId>(0);
  const auto secret = totp_secret_.open(tx, factor.id.view(), row.get<storage::Sealed>(1));
  if (!secret) return std::unexpected(secret.error());
  factor.secret = SecretBytes(secret->view());
  factor.last_step = row.get<std::int64_t>(2);
  return factor;
}

std::optional<WebAuthnFactor> FactorStore::webauthn(storage::ReadTransaction& tx, core::UserId user,
                                                    ByteView credential_id) const {
  const auto rows = tx.query(
      "SELECT factor_id, algorithm, public_key, sign_count FROM factors WHERE user_id = $1 AND credential_id "
      "= $2",
      user, credential_id);
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return WebAuthnFactor{row.get<FactorId>(0),
                        {.id = to_bytes(credential_id),
                         .algorithm = static_cast<webauthn::Algorithm>(row.get<std::int32_t>(1)),
                         .public_key = row.get<Bytes>(2),
                         .sign_count = row.get<std::uint32_t>(3)}};
}

void FactorStore::used_totp(storage::Transaction& tx, FactorId id, std::int64_t totp_step,
                            core::Time now) const {
  tx.execute("UPDATE factors SET totp_step = $2, last_used_at = $3 WHERE factor_id = $1", id, totp_step, now);
}

void FactorStore::used_webauthn(storage::Transaction& tx, FactorId id, std::uint32_t sign_count,
                                core::Time now) const {
  tx.execute("UPDATE factors SET sign_count = $2, last_used_at = $3 WHERE factor_id = $1", id,
             static_cast<std::int64_t>(sign_count), now);
}

bool FactorStore::remove(storage::Transaction& tx, core::UserId user, FactorId id) const {
  return tx.execute("DELETE FROM factors WHERE factor_id = $1 AND user_id = $2", id, user) == 1;
}

void FactorStore::remove_all(storage::Transaction& tx, core::UserId user) const {
  tx.execute("DELETE FROM factors WHERE user_id = $1", user);
}

}  // namespace wardline::identity
