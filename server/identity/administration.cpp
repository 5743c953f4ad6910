#include "server/identity/administration.h"

namespace wardline::identity {

using core::ErrorKind;
using core::fail;

core::Result<ChangeAuthor> Administration::permitted_author(const Requester& who, core::UserId user) {
  const auto permitted = authorize<policy::Action::user_manage>(environment_, who, {.owner = user}, {user});
  if (!permitted) return std::unexpected(permitted.error());
  if (who.subject.user == user) {
    return fail(ErrorKind::conflict, "own-account", "Ask another administrator to change your own account.");
  }
  return ChangeAuthor::of(*permitted, who.from);
}

core::Result<Account> Administration::find(storage::ReadTransaction& tx, core::UserId user) const {
  auto account = accounts_.store().find(tx, user);
  if (!account) return std::unexpected(account.error());
  if (!*account) return fail(ErrorKind::not_found, "person-not-found", "There is no such person.");
  return std::move(**account);
}

core::Result<void> Administration::deactivate(const Requester& who, core::UserId user) {
  const auto author = permitted_author(who, user);
  if (!author) return std::unexpected(author.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    const auto account = find(tx, user);
    if (!account) return std::unexpected(account.error());
    if (account->active) accounts_.deactivate(tx, *author, user);
    return {};
  });
}

core::Result<std::string> Administration::reset_factors(const Requester& who, core::UserId user) {
  const auto author = permitted_author(who, user);
  if (!author) return std::unexpected(author.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<std::string> {
    const auto account = find(tx, user);
    if (!account) return std::unexpected(account.error());
    if (!account->active) {
      return fail(ErrorKind::conflict, "account-inactive",
                  "This account has ended: it takes no new factors.");
    }
    return accounts_.reset_factors(tx, *author, user);
  });
}

}  // namespace wardline::identity
