#include "server/identity/enrolments.h"

#include "lib/crypto/random.h"
#include "server/identity/totp.h"

namespace wardline::identity {
namespace {

std::unexpected<core::Error> nothing_begun() {
  return core::fail(core::ErrorKind::conflict, "no-enrolment", "This took too long. Start again.");
}

}  // namespace

Enrolments::Enrolments(storage::KeyRing& keys, const webauthn::RelyingParty& party)
    : party_(party), factors_(keys), totp_secret_(keys, "identity", "pending_enrolments", "totp_secret") {}

core::Result<void> Enrolments::check_room(storage::ReadTransaction& tx, core::UserId user) const {
  const auto count = tx.query_value<std::int64_t>("SELECT count(*) FROM factors WHERE user_id = $1", user);
  if (count.value_or(0) >= static_cast<std::int64_t>(kFactorsMost)) {
    return core::fail(core::ErrorKind::conflict, "too-many-factors",
                      "Remove a factor that you no longer use first.");
  }
  return {};
}

core::Result<WebAuthnOffer> Enrolments::begin_webauthn(storage::Transaction& tx, ByteView owner,
                                                       const Account& account, core::Time now) const {
  if (const auto room = check_room(tx, account.id); !room) return std::unexpected(room.error());
  WebAuthnOffer offer{.challenge = crypto::random_bytes(32),
                      .user_handle = account.id.bytes(),
                      .user_name = account.username,
                      .display_name = account.name,
                      .known_credential_ids = factors_.credential_ids(tx, account.id)};
  tx.execute("DELETE FROM pending_enrolments WHERE owner = $1", owner);
  tx.execute(
      "INSERT INTO pending_enrolments (owner, kind, challenge, expires_at) VALUES ($1, 'webauthn', $2, $3)",
      owner, offer.challenge, now + kLifetime);
  return offer;
}

core::Result<TotpOffer> Enrolments::begin_totp(storage::Transaction& tx, ByteView owner,
                                               const Account& account, core::Time now) const {
  if (const auto room = check_room(tx, account.id); !room) return std::unexpected(room.error());
  const auto existing = factors_.totp(tx, account.id);
  if (!existing) return std::unexpected(existing.error());
  if (*existing) {
    return core::fail(core::ErrorKind::conflict, "totp-exists",
                      "An authenticator app is set up already. Remove it first.");
  }
  const SecretBytes secret = crypto::random_secret(kTotpSecretSize);
  tx.execute("DELETE FROM pending_enrolments WHERE owner = $1", owner);
  tx.execute(
      "INSERT INTO pending_enrolments (owner, kind, totp_secret, expires_at) VALUES ($1, 'totp', $2, $3)",
      owner, totp_secret_.seal(tx, organisation_scope(), owner, secret.view()).stored(), now + kLifetime);
  return TotpOffer{totp_secret_text(secret.view()),
                   otpauth_uri(party_.name, account.username, secret.view())};
}

core::Result<FactorId> Enrolments::finish_webauthn(storage::Transaction& tx, ByteView owner,
                                                   core::UserId user, std::string_view name,
                                                   const webauthn::Registration& answer,
                                                   core::Time now) const {
  const auto challenge = tx.query_value<Bytes>(
      "SELECT challenge FROM pending_enrolments WHERE owner = $1 AND kind = 'webauthn' AND expires_at > $2",
      owner, now);
  if (!challenge) return nothing_begun();
  const auto credential = webauthn::verify_registration(party_, *challenge, answer);
  if (!credential) return std::unexpected(credential.error());
  if (factors_.is_credential_known(tx, credential->id)) {
    return core::fail(core::ErrorKind::conflict, "credential-exists", "This key is registered already.");
  }
  tx.execute("DELETE FROM pending_enrolments WHERE owner = $1", owner);
  return factors_.insert(tx, user, name, *credential, now);
}

core::Result<FactorId> Enrolments::finish_totp(storage::Transaction& tx, ByteView owner, core::UserId user,
                                               std::string_view code, core::Time now) const {
  const auto sealed = tx.query_value<storage::Sealed>(
      "SELECT totp_secret FROM pending_enrolments WHERE owner = $1 AND kind = 'totp' AND expires_at > $2",
      owner, now);
  if (!sealed) return nothing_begun();
  const auto secret = totp_secret_.open(tx, owner, *sealed);
  if (!secret) return std::unexpected(secret.error());
  const auto step = verify_totp(secret->view(), code, now, 0);
  if (!step) {
    return core::fail(core::ErrorKind::invalid, "wrong-code",
                      "This is not the code that the app shows now. Try again.");
  }
  tx.execute("DELETE FROM pending_enrolments WHERE owner = $1", owner);
  return factors_.insert(tx, user, "Authenticator app", secret->view(), *step, now);
}

void Enrolments::purge(storage::Transaction& tx, core::Time now) {
  tx.execute("DELETE FROM pending_enrolments WHERE expires_at <= $1", now);
}

}  // namespace wardline::identity
