// What an administrator does to somebody's account: policy permits it, nobody does it to themselves, and it
// is audited (IAM-1, IAM-9).
#pragma once

#include "server/identity/accounts.h"

namespace wardline::identity {

class Administration {
 public:
  Administration(const Environment& environment, Accounts& accounts)
      : environment_(environment), accounts_(accounts) {}

  /// A leaver: at once sessions end, devices are revoked, and the server proposes their removal from every
  /// conversation. Doing it again changes nothing. Errors: "not-permitted", "person-not-found",
  /// "own-account".
  core::Result<void> deactivate(const Requester& who, core::UserId user);

  /// For a lost phone or key: sessions end, all second factors go, and the code that is given back, to be
  /// handed over in person, lets the person enrol new ones. Errors: as above, "account-inactive".
  core::Result<std::string> reset_factors(const Requester& who, core::UserId user);

 private:
  core::Result<ChangeAuthor> permitted_author(const Requester& who, core::UserId user);
  core::Result<Account> find(storage::ReadTransaction& tx, core::UserId user) const;

  const Environment environment_;
  Accounts& accounts_;
};

}  // namespace wardline::identity
