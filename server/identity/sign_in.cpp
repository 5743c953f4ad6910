#include "server/identity/sign_in.h"

#include "lib/bytes/text.h"
#include "server/identity/secret_code.h"
#include "server/identity/totp.h"

namespace wardline::identity {
namespace {

using policy::Action;

core::Error sign_in_expired() {
  return {
      core::ErrorKind::unauthenticated, "sign-in-expired", "Start again with your name and password.", {}};
}

}  // namespace

struct SignIn::Pending {
  Bytes hash;
  Account account;
  AttemptLimiter::Keys keys;
  Bytes challenge;
  std::optional<Bytes> activation_index;
  std::int64_t failures = 0;
};

SignIn::SignIn(const Environment& environment, PasswordHasher& hasher, Sessions& sessions,
               const webauthn::RelyingParty& party)
    : environment_(environment),
      hasher_(hasher),
      sessions_(sessions),
      party_(party),
      accounts_(environment.keys),
      factors_(environment.keys),
      enrolments_(environment.keys, party),
      limiter_(environment.keys),
      address_index_(environment.keys, "identity-index", "sign_ins", "address", storage::Normalise::exact) {}

void SignIn::record(storage::Transaction& tx, const core::Error& error, std::optional<core::UserId> user,
                    const RemoteAddress& from, core::Time now) const {
  auto entry = entry_by({.subject = {}, .from = from}, Action::public_sign_in, audit::Outcome::failed, now);
  entry.reason = audit::Code::of(error);
  if (user) entry.objects = {*user};
  audit::append(tx, entry);
}

// --- The second step
// ------------------------------------------------------------------------------------------------

core::Result<SignIn::Pending> SignIn::resume(storage::Transaction& tx, std::string_view sign_in_id,
                                             const RemoteAddress& from, core::Time now) {
  const auto hash = token_hash(sign_in_id);
  if (!hash) return std::unexpected(sign_in_expired());
  // A sign-in that was begun elsewhere is not continued here: its id may have been stolen.
  const auto rows = tx.query(
      "SELECT user_id, challenge, activation_index, failures FROM sign_ins "
      "WHERE sign_in_hash = $1 AND address_index = $2 AND expires_at > $3",
      *hash, address_index_.value(tx, organisation_scope(), to_hex(from.subscriber())), now);
  if (rows.empty()) return std::unexpected(sign_in_expired());
  const auto row = rows.front();
  const auto account = accounts_.find(tx, row.get<core::UserId>(0));
  if (!account) return std::unexpected(account.error());
  if (!*account || !(*account)->active) return std::unexpected(sign_in_expired());
  return Pending{.hash = *hash,
                 .account = **account,
                 .keys = limiter_.keys_of(tx, (*account)->username, from),
                 .challenge = row.get<Bytes>(1),
                 .activation_index = row.get<std::optional<Bytes>>(2),
                 .failures = row.get<std::int64_t>(3)};
}

void SignIn::refuse(storage::Transaction& tx, const Pending& pending, const core::Error& error,
                    const RemoteAddress& from, core::Time now) const {
  record(tx, error, pending.account.id, from, now);
  if (pending.failures + 1 >= kFailuresMost) {
    tx.execute("DELETE FROM pending_enrolments WHERE owner = $1", pending.hash);
    tx.execute("DELETE FROM sign_ins WHERE sign_in_hash = $1", pending.hash);
  } else {
    tx.execute("UPDATE sign_ins SET failures = failures + 1 WHERE sign_in_hash = $1", pending.hash);
  }
}

// One step of a pending sign-in: counted before it is judged, refused and audited, or gone on with. `check`
// gives T.
template <class T, class Check>
core::Result<T> SignIn::step(std::string_view sign_in_id, const RemoteAddress& from, Check&& check) {
  return write_attempt<T>(environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<T>> {
    const core::Time now = environment_.clock.now();
    const auto pending = resume(tx, sign_in_id, from, now);
    if (!pending) {
      if (pending.error().kind == core::ErrorKind::internal) return std::unexpected(pending.error());
      record(tx, pending.error(), std::nullopt, from, now);
      return Attempt<T>{std::unexpected(pending.error())};
    }
    if (auto counted = limiter_.begin(tx, pending->keys, now); !counted) {
      record(tx, counted.error(), pending->account.id, from, now);
      return Attempt<T>{std::unexpected(counted.error())};
    }
    core::Result<T> checked = check(tx, *pending, now);
    if (checked) {
      limiter_.take_back(tx, pending->keys);
      return Attempt<T>{std::move(checked)};
    }
    if (checked.error().kind == core::ErrorKind::internal) return std::unexpected(checked.error());
    refuse(tx, *pending, checked.error(), from, now);
    return Attempt<T>{std::move(checked)};
  });
}

core::Result<StartedSession> SignIn::complete(storage::Transaction& tx, const Pending& pending,
                                              const RemoteAddress& from, core::Time now) {
  tx.execute("DELETE FROM sign_ins WHERE sign_in_hash = $1", pending.hash);
  limiter_.succeed(tx, pending.keys, now);
  StartedSession started = sessions_.start(tx, pending.account, now);
  audit::append(tx, entry_by({.subject = started.session.subject(), .from = from}, Action::public_sign_in,
                             audit::Outcome::done, now));
  return started;
}

core::Result<StartedSession> SignIn::webauthn(std::string_view sign_in_id, ByteView credential_id,
                                              const webauthn::Assertion& answer, const RemoteAddress& from) {
  return step<StartedSession>(
      sign_in_id, from,
      [&](storage::Transaction& tx, const Pending& pending, core::Time now) -> core::Result<StartedSession> {
        const auto factor = factors_.webauthn(tx, pending.account.id, credential_id);
        if (!factor) {
          return core::fail(core::ErrorKind::unauthenticated, "webauthn-failed",
                            "The passkey or security key was not accepted. Start again.");
        }
        const auto count = webauthn::verify_assertion(party_, pending.challenge, factor->credential, answer);
        if (!count) return std::unexpected(count.error());
        factors_.used_webauthn(tx, factor->id, *count, now);
        return complete(tx, pending, from, now);
      });
}

core::Result<StartedSession> SignIn::totp(std::string_view sign_in_id, std::string_view code,
                                          const RemoteAddress& from) {
  return step<StartedSession>(
      sign_in_id, from,
      [&](storage::Transaction& tx, const Pending& pending, core::Time now) -> core::Result<StartedSession> {
        const auto factor = factors_.totp(tx, pending.account.id);
        if (!factor) return std::unexpected(factor.error());
        const auto step_number =
            *factor ? verify_totp((*factor)->secret.view(), code, now, (*factor)->last_step) : std::nullopt;
        if (!step_number) {
          return core::fail(core::ErrorKind::unauthenticated, "wrong-code",
                            "The code is wrong or was used already. Wait for the next one.");
        }
        factors_.used_totp(tx, (*factor)->id, *step_number, now);
        return complete(tx, pending, from, now);
      });
}

// --- The first factor
// -----------------------------------------------------------------------------------------------

template <class Offer, class Begin>
core::Result<Offer> SignIn::begin_enrolment(std::string_view sign_in_id, std::string_view code,
                                            const RemoteAddress& from, Begin&& begin_with) {
  return step<Offer>(
      sign_in_id, from,
      [&](storage::Transaction& tx, const Pending& pending, core::Time now) -> core::Result<Offer> {
        const auto factors = factors_.list(tx, pending.account.id);
        if (!factors) return std::unexpected(factors.error());
        if (!factors->empty()) {
          return core::fail(core::ErrorKind::conflict, "factor-exists",
                            "Sign in with the second factor that you have.");
        }
        const auto index = accounts_.find_activation_code(tx, pending.account.id, code, now);
        if (!index) {
          return core::fail(core::ErrorKind::unauthenticated, "wrong-activation-code",
                            "This activation code is wrong, was used, or has expired. Ask for a new one.");
        }
        tx.execute("UPDATE sign_ins SET activation_index = $2 WHERE sign_in_hash = $1", pending.hash, *index);
        return begin_with(tx, pending, now);
      });
}

core::Result<WebAuthnOffer> SignIn::begin_webauthn(std::string_view sign_in_id,
                                                   std::string_view activation_code,
                                                   const RemoteAddress& from) {
  return begin_enrolment<WebAuthnOffer>(
      sign_in_id, activation_code, from,
      [&](storage::Transaction& tx, const Pending& pending, core::Time now) {
        return enrolments_.begin_webauthn(tx, pending.hash, pending.account, now);
      });
}

core::Result<TotpOffer> SignIn::begin_totp(std::string_view sign_in_id, std::string_view activation_code,
                                           const RemoteAddress& from) {
  return begin_enrolment<TotpOffer>(sign_in_id, activation_code, from,
                                    [&](storage::Transaction& tx, const Pending& pending, core::Time now) {
                                      return enrolments_.begin_totp(tx, pending.hash, pending.account, now);
                                    });
}

template <class Finish>
core::Result<StartedSession> SignIn::finish_enrolment(std::string_view sign_in_id, const RemoteAddress& from,
                                                      Finish&& finish) {
  return step<StartedSession>(
      sign_in_id, from,
      [&](storage::Transaction& tx, const Pending& pending, core::Time now) -> core::Result<StartedSession> {
        if (!pending.activation_index) return std::unexpected(sign_in_expired());
        const core::Result<FactorId> factor = finish(tx, pending, now);
        if (!factor) return std::unexpected(factor.error());
        if (!accounts_.use_activation_code(tx, *pending.activation_index, now)) {
          // Used in another browser meanwhile. The factor that was just inserted must go.
          factors_.remove(tx, pending.account.id, *factor);
          return core::fail(core::ErrorKind::unauthenticated, "wrong-activation-code",
                            "This activation code was used meanwhile. Ask for a new one.");
        }
        auto started = complete(tx, pending, from, now);
        if (started) {
          audit::append(tx, entry_by({.subject = started->session.subject(), .from = from},
                                     Action::factor_add, audit::Outcome::done, now));
        }
        return started;
      });
}

core::Result<StartedSession> SignIn::enrol_webauthn(std::string_view sign_in_id,
                                                    const webauthn::Registration& answer,
                                                    std::string_view name, const RemoteAddress& from) {
  return finish_enrolment(
      sign_in_id, from, [&](storage::Transaction& tx, const Pending& pending, core::Time now) {
        return enrolments_.finish_webauthn(tx, pending.hash, pending.account.id, name, answer, now);
      });
}

core::Result<StartedSession> SignIn::enrol_totp(std::string_view sign_in_id, std::string_view code,
                                                const RemoteAddress& from) {
  return finish_enrolment(sign_in_id, from,
                          [&](storage::Transaction& tx, const Pending& pending, core::Time now) {
                            return enrolments_.finish_totp(tx, pending.hash, pending.account.id, code, now);
                          });
}

core::Result<void> SignIn::purge() {
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    const core::Time now = environment_.clock.now();
    tx.execute("DELETE FROM sign_ins WHERE expires_at <= $1", now);
    Enrolments::purge(tx, now);
    limiter_.purge(tx, now);
    tx.execute("DELETE FROM session_challenges WHERE expires_at <= $1", now);
    return {};
  });
}

}  // namespace wardline::identity
