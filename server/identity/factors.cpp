#include "server/identity/factors.h"

namespace wardline::identity {

using policy::Action;

Factors::Factors(const Environment& environment, const webauthn::RelyingParty& party)
    : environment_(environment),
      accounts_(environment.keys),
      factors_(environment.keys),
      enrolments_(environment.keys, party) {}

core::Result<std::vector<Factor>> Factors::list(const Requester& who) const {
  const auto permitted = authorize<Action::factor_read>(environment_, who, {.owner = who.subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read(
      [&](storage::ReadTransaction& tx) { return factors_.list(tx, who.subject.user); });
}

template <class Offer, class Begin>
core::Result<Offer> Factors::begin(const Requester& who, Begin&& begin_with) {
  const auto permitted = authorize<Action::factor_add>(environment_, who, {.owner = who.subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<Offer> {
    const auto account = accounts_.find(tx, who.subject.user);
    if (!account) return std::unexpected(account.error());
    if (!*account)
      return core::fail(core::ErrorKind::not_found, "no-such-account", "There is no such account.");
    return begin_with(tx, **account, environment_.clock.now());
  });
}

core::Result<WebAuthnOffer> Factors::begin_webauthn(const Requester& who) {
  return begin<WebAuthnOffer>(who, [&](storage::Transaction& tx, const Account& account, core::Time now) {
    return enrolments_.begin_webauthn(tx, who.subject.session.value().view(), account, now);
  });
}

core::Result<TotpOffer> Factors::begin_totp(const Requester& who) {
  return begin<TotpOffer>(who, [&](storage::Transaction& tx, const Account& account, core::Time now) {
    return enrolments_.begin_totp(tx, who.subject.session.value().view(), account, now);
  });
}

template <class Finish>
core::Result<Factor> Factors::add(const Requester& who, Finish&& finish) {
  const auto permitted = authorize<Action::factor_add>(environment_, who, {.owner = who.subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  return write_attempt<Factor>(environment_.database,
                               [&](storage::Transaction& tx) -> core::Result<Attempt<Factor>> {
                                 const core::Time now = environment_.clock.now();
                                 auto entry = entry_by(who, Action::factor_add, permitted->decision(), now);
                                 const core::Result<FactorId> id = finish(tx, now);
                                 if (!id) {
                                   if (id.error().kind == core::ErrorKind::internal)
                                     return std::unexpected(id.error());
                                   entry.outcome = audit::Outcome::failed;
                                   entry.reason = audit::Code::of(id.error());
                                   audit::append(tx, entry);
                                   return Attempt<Factor>{std::unexpected(id.error())};
                                 }
                                 audit::append(tx, entry);
                                 const auto factors = factors_.list(tx, who.subject.user);
                                 if (!factors) return std::unexpected(factors.error());
                                 return Attempt<Factor>{*std::ranges::find(*factors, *id, &Factor::id)};
                               });
}

core::Result<Factor> Factors::add_webauthn(const Requester& who, const webauthn::Registration& answer,
                                           std::string_view name) {
  return add(who, [&](storage::Transaction& tx, core::Time now) {
    return enrolments_.finish_webauthn(tx, who.subject.session.value().view(), who.subject.user, name, answer,
                                       now);
  });
}

core::Result<Factor> Factors::add_totp(const Requester& who, std::string_view code) {
  return add(who, [&](storage::Transaction& tx, core::Time now) {
    return enrolments_.finish_totp(tx, who.subject.session.value().view(), who.subject.user, code, now);
  });
}

core::Result<void> Factors::remove(const Requester& who, FactorId id) {
  const auto permitted = authorize<Action::factor_remove>(environment_, who, {.owner = who.subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    if (!factors_.remove(tx, who.subject.user, id)) {
      return core::fail(core::ErrorKind::not_found, "factor-not-found", "You have no such factor.");
    }
    const auto left =
        tx.query_value<std::int64_t>("SELECT count(*) FROM factors WHERE user_id = $1", who.subject.user);
    if (left.value_or(0) == 0) {
      return core::fail(core::ErrorKind::conflict, "last-factor",
                        "Add another factor before you remove the last one.");
    }
    audit::append(tx, entry_by(who, Action::factor_remove, permitted->decision(), environment_.clock.now()));
    return {};
  });
}

}  // namespace wardline::identity
