#include "server/identity/account_store.h"

#include "server/identity/secret_code.h"

namespace wardline::identity {
namespace {

constexpr storage::Label kPurpose = "identity";

}  // namespace

AccountStore::AccountStore(storage::KeyRing& keys)
    : username_(keys, kPurpose, "users", "username"),
      name_(keys, kPurpose, "users", "name"),
      password_(keys, kPurpose, "users", "password"),
      username_index_(keys, "identity-index", "users", "username", storage::Normalise::folded),
      activation_index_(keys, "identity-index", "activation_codes", "code", storage::Normalise::exact) {}

void AccountStore::insert(storage::Transaction& tx, const Account& account,
                          std::string_view password_hash) const {
  const ByteView row = account.id.view();
  const auto scope = organisation_scope();
  tx.execute(
      "INSERT INTO users (user_id, username_index, username, name, password, role, employment, active, "
      "created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      account.id, username_index_.value(tx, scope, account.username),
      username_.seal(tx, scope, row, account.username).stored(),
      name_.seal(tx, scope, row, account.name).stored(),
      password_.seal(tx, scope, row, password_hash).stored(), policy::name_of(account.role),
      policy::name_of(account.employment), account.active, account.created_at);
}

core::Result<Account> AccountStore::account_of(storage::ReadTransaction& tx, const storage::Row& row) const {
  Account account;
  account.id = row.get<core::UserId>(0);
  const auto username = username_.open(tx, account.id.view(), row.get<storage::Sealed>(1));
  if (!username) return std::unexpected(username.error());
  const auto name = name_.open(tx, account.id.view(), row.get<storage::Sealed>(2));
  if (!name) return std::unexpected(name.error());
  const auto role = policy::find_role(row.text_view(3));
  const auto employment = policy::find_employment(row.text_view(4));
  if (!role || !employment) {
    return core::fail(core::ErrorKind::internal, "account-damaged",
                      "An account has a role that this version does not know.");
  }
  account.username = username->text();
  account.name = name->text();
  account.role = *role;
  account.employment = *employment;
  account.active = row.get<bool>(5);
  account.created_at = row.get<core::Time>(6);
  return account;
}

core::Result<std::optional<Account>> AccountStore::find(storage::ReadTransaction& tx, core::UserId id) const {
  const auto rows = tx.query(
      "SELECT user_id, username, name, role, employment, active, created_at FROM users WHERE user_id = $1",
      id);
  if (rows.empty()) return std::nullopt;
  return account_of(tx, rows.front());
}

core::Result<std::optional<Account>> AccountStore::find_by_username(storage::ReadTransaction& tx,
                                                                    std::string_view username) const {
  const auto index = username_index_.find(tx, organisation_scope(), username);
  if (!index) return std::nullopt;
  const auto rows = tx.query(
      "SELECT user_id, username, name, role, employment, active, created_at FROM users WHERE username_index "
      "= $1",
      *index);
  if (rows.empty()) return std::nullopt;
  return account_of(tx, rows.front());
}

core::Result<std::vector<Account>> AccountStore::all(storage::ReadTransaction& tx) const {
  std::vector<Account> accounts;
  const auto rows = tx.query(
      "SELECT user_id, username, name, role, employment, active, created_at FROM users ORDER BY user_id");
  for (const auto row : rows) {
    auto account = account_of(tx, row);
    if (!account) return std::unexpected(account.error());
    accounts.push_back(std::move(*account));
  }
  return accounts;
}

core::Result<std::string> AccountStore::password_hash(storage::ReadTransaction& tx, core::UserId id) const {
  const auto sealed = tx.query_value<storage::Sealed>("SELECT password FROM users WHERE user_id = $1", id);
  if (!sealed) return core::fail(core::ErrorKind::not_found, "no-such-account", "There is no such account.");
  const auto opened = password_.open(tx, id.view(), *sealed);
  if (!opened) return std::unexpected(opened.error());
  return std::string(opened->text());
}

void AccountStore::set_password_hash(storage::Transaction& tx, core::UserId id, std::string_view hash) const {
  tx.execute("UPDATE users SET password = $2 WHERE user_id = $1", id,
             password_.seal(tx, organisation_scope(), id.view(), hash).stored());
}

void AccountStore::set_active(storage::Transaction& tx, core::UserId id, bool active) const {
  tx.execute("UPDATE users SET active = $2 WHERE user_id = $1", id, active);
}

void AccountStore::set_role(storage::Transaction& tx, core::UserId id, policy::Role role) const {
  tx.execute("UPDATE users SET role = $2 WHERE user_id = $1", id, policy::name_of(role));
}

void AccountStore::set_name(storage::Transaction& tx, core::UserId id, std::string_view name) const {
  tx.execute("UPDATE users SET name = $2 WHERE user_id = $1", id,
             name_.seal(tx, organisation_scope(), id.view(), name).stored());
}

void AccountStore::insert_activation_code(storage::Transaction& tx, core::UserId id, std::string_view code,
                                          core::Time now, core::Time expires_at) const {
  tx.execute(
      "INSERT INTO activation_codes (code_index, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
      activation_index_.value(tx, organisation_scope(), normalised_code(code)), id, now, expires_at);
}

std::optional<Bytes> AccountStore::find_activation_code(storage::ReadTransaction& tx, core::UserId id,
                                                        std::string_view code, core::Time now) const {
  const auto index = activation_index_.find(tx, organisation_scope(), normalised_code(code));
  if (!index) return std::nullopt;
  return tx.query_value<Bytes>(
      "SELECT code_index FROM activation_codes "
      "WHERE code_index = $1 AND user_id = $2 AND used_at IS NULL AND expires_at > $3",
      *index, id, now);
}

bool AccountStore::use_activation_code(storage::Transaction& tx, ByteView code_index, core::Time now) const {
  return tx.execute(
             "UPDATE activation_codes SET used_at = $2 WHERE code_index = $1 AND used_at IS NULL AND "
             "expires_at > $2",
             code_index, now) == 1;
}

void AccountStore::withdraw_activation_codes(storage::Transaction& tx, core::UserId id,
                                             core::Time now) const {
  tx.execute("UPDATE activation_codes SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL", id, now);
}

}  // namespace wardline::identity
