#include "lib/bytes/text.h"
#include "lib/crypto/random.h"
#include "server/identity/secret_code.h"
#include "server/identity/sign_in.h"

// The first half of SignIn: the password.
namespace wardline::identity {
namespace {

core::Error wrong_credentials() {
  return {core::ErrorKind::unauthenticated, "wrong-credentials", "The name or the password is wrong.", {}};
}

}  // namespace

core::Result<void> SignIn::count_attempt(std::string_view username, const RemoteAddress& from) {
  return write_attempt<void>(
      environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<void>> {
        const core::Time now = environment_.clock.now();
        auto counted = limiter_.begin(tx, limiter_.keys_of(tx, username, from), now);
        if (counted) return Attempt<void>{};
        const auto account = accounts_.find_by_username(tx, username);
        if (!account) return std::unexpected(account.error());
        record(tx, counted.error(), *account ? std::optional((*account)->id) : std::nullopt, from, now);
        return Attempt<void>{std::move(counted)};
      });
}

core::Result<std::optional<Account>> SignIn::check_password(std::string_view username,
                                                            const SecretBytes& password) {
  struct Found {
    Account account;
    std::string hash;
  };
  const auto found =
      environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::optional<Found>> {
        auto account = accounts_.find_by_username(tx, username);
        if (!account) return std::unexpected(account.error());
        if (!*account) return std::nullopt;
        auto hash = accounts_.password_hash(tx, (*account)->id);
        if (!hash) return std::unexpected(hash.error());
        return Found{std::move(**account), std::move(*hash)};
      });
  if (!found) return std::unexpected(found.error());
  if (!*found) {
    const auto same_time = hasher_.verify_nobody(password.view());
    return same_time ? core::Result<std::optional<Account>>(std::nullopt)
                     : std::unexpected(same_time.error());
  }
  const auto& [account, hash] = **found;
  const auto verdict = hasher_.verify(password.view(), hash);
  if (!verdict) return std::unexpected(verdict.error());
  if (!verdict->matches || !account.active) return std::nullopt;
  if (verdict->outdated) {
    if (const auto fresh = hasher_.hash(password.view())) {
      const auto saved = environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
        accounts_.set_password_hash(tx, account.id, *fresh);
        return {};
      });
      if (!saved) return std::unexpected(saved.error());
    }
  }
  return account;
}

core::Result<SignIn::Begun> SignIn::password(std::string_view username, const SecretBytes& password,
                                             const RemoteAddress& from) {
  if (const auto counted = count_attempt(username, from); !counted) return std::unexpected(counted.error());
  const auto account = check_password(username, password);
  if (!account) return std::unexpected(account.error());
  return write_attempt<Begun>(
      environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<Begun>> {
        const core::Time now = environment_.clock.now();
        if (!*account) {
          const auto named = accounts_.find_by_username(tx, username);
          if (!named) return std::unexpected(named.error());
          record(tx, wrong_credentials(), *named ? std::optional((*named)->id) : std::nullopt, from, now);
          return Attempt<Begun>{std::unexpected(wrong_credentials())};
        }
        limiter_.take_back(tx, limiter_.keys_of(tx, username, from));
        auto begun = begin(tx, **account, from, now);
        if (!begun) return std::unexpected(begun.error());
        return Attempt<Begun>{std::move(begun)};
      });
}

core::Result<SignIn::Begun> SignIn::begin(storage::Transaction& tx, const Account& account,
                                          const RemoteAddress& from, core::Time now) {
  Begun begun;
  begun.sign_in_id = new_token();
  const auto factors = factors_.list(tx, account.id);
  if (!factors) return std::unexpected(factors.error());
  begun.enrol = factors->empty();
  for (const FactorKind kind : {FactorKind::webauthn, FactorKind::totp}) {
    const bool has = std::ranges::find(*factors, kind, &Factor::kind) != factors->end();
    if (has || begun.enrol) begun.factors.push_back(kind);
  }
  begun.challenge = crypto::random_bytes(32);
  begun.credential_ids = factors_.credential_ids(tx, account.id);
  tx.execute(
      "INSERT INTO sign_ins (sign_in_hash, user_id, address_index, challenge, failures, expires_at) "
      "VALUES ($1, $2, $3, $4, 0, $5)",
      *token_hash(begun.sign_in_id), account.id,
      address_index_.value(tx, organisation_scope(), to_hex(from.subscriber())), begun.challenge,
      now + (begun.enrol ? kEnrolLifetime : kLifetime));
  return begun;
}

}  // namespace wardline::identity
