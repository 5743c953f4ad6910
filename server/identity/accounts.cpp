#include "server/identity/accounts.h"

#include "server/identity/secret_code.h"

namespace wardline::identity {

audit::Entry ChangeAuthor::entry(policy::Action action, audit::Outcome outcome, core::Time at) const {
  if (who_) return entry_by(*who_, action, outcome, at);
  auto entry = audit::Entry::by_nobody(action, outcome, at);
  entry.actor = audit::Actor::system();
  return entry;
}

Accounts::Accounts(const Environment& environment, Sessions& sessions, Devices& devices,
                   const Lifecycle& lifecycle)
    : environment_(environment),
      sessions_(sessions),
      devices_(devices),
      lifecycle_(lifecycle),
      store_(environment.keys),
      factors_(environment.keys) {}

void Accounts::record(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user) {
  auto entry = author.entry(policy::Action::user_manage, audit::Outcome::done, environment_.clock.now());
  entry.objects = {user};
  audit::append(tx, entry);
  tx.after_commit([this, user] { lifecycle_.account_changed(user); });
}

Accounts::Created Accounts::create(storage::Transaction& tx, const ChangeAuthor& author,
                                   const NewAccount& account) {
  const core::Time now = environment_.clock.now();
  const auto id = core::new_id<core::UserId>();
  store_.insert(tx,
                {.id = id,
                 .username = account.username,
                 .name = account.name,
                 .role = account.role,
                 .employment = account.employment,
                 .active = true,
                 .created_at = now},
                account.password_hash);
  std::string code = new_activation_code();
  store_.insert_activation_code(tx, id, code, now, now + kActivationLifetime);
  record(tx, author, id);
  return {id, std::move(code)};
}

std::string Accounts::reset_factors(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user) {
  const core::Time now = environment_.clock.now();
  factors_.remove_all(tx, user);
  store_.withdraw_activation_codes(tx, user, now);
  std::string code = new_activation_code();
  store_.insert_activation_code(tx, user, code, now, now + kActivationLifetime);
  sessions_.end_all(tx, user, SessionEnd::signed_out);
  record(tx, author, user);
  return code;
}

void Accounts::set_role(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user,
                        policy::Role role) {
  store_.set_role(tx, user, role);
  sessions_.refresh(tx, user);
  record(tx, author, user);
}

void Accounts::rename(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user,
                      std::string_view name) {
  store_.set_name(tx, user, name);
  record(tx, author, user);
}

void Accounts::deactivate(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user) {
  const core::Time now = environment_.clock.now();
  store_.set_active(tx, user, false);
  store_.withdraw_activation_codes(tx, user, now);
  tx.execute("DELETE FROM sign_ins WHERE user_id = $1", user);
  sessions_.end_all(tx, user, SessionEnd::account_ended);
  devices_.revoke_all(tx, user, now);
  record(tx, author, user);
}

}  // namespace wardline::identity
