// Accounts and what happens to them: joiners, role changes, leavers (IAM-1). Each change is audited with who
// made it.
#pragma once

#include "server/identity/devices.h"
#include "server/identity/factor_store.h"
#include "server/identity/password.h"

namespace wardline::identity {

/// Who changes accounts or the directory: somebody whom policy permitted it, or the server itself (set-up,
/// synchronisation).
class ChangeAuthor {
 public:
  template <policy::Action A>
  static ChangeAuthor of(const policy::Authorized<A>& proof, RemoteAddress from) {
    return ChangeAuthor(Requester{proof.subject(), std::move(from)});
  }
  static ChangeAuthor system() { return ChangeAuthor(std::nullopt); }

  audit::Entry entry(policy::Action action, audit::Outcome outcome, core::Time at) const;

 private:
  explicit ChangeAuthor(std::optional<Requester> who) : who_(std::move(who)) {}
  std::optional<Requester> who_;
};

struct NewAccount {
  std::string username;
  std::string name;
  policy::Role role = policy::Role::nurse;
  policy::Employment employment = policy::Employment::staff;
  std::string password_hash;  ///< from PasswordHasher: hashing is slow and stays out of transactions
};

class Accounts {
 public:
  static constexpr std::chrono::days kActivationLifetime{14};

  Accounts(const Environment& environment, Sessions& sessions, Devices& devices, const Lifecycle& lifecycle);

  struct Created {
    core::UserId id;
    std::string activation_code;  ///< to be handed over on paper or in person
  };
  /// Throws StorageFailure `already_exists` for a username that is taken.
  Created create(storage::Transaction& tx, const ChangeAuthor& author, const NewAccount& account);

  /// Removes all second factors, withdraws old codes and gives a new one: a lost phone. Sessions end.
  std::string reset_factors(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user);
  void set_role(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user, policy::Role role);
  void rename(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user, std::string_view name);
  /// A leaver: sessions end, devices are revoked, nothing is deleted.
  void deactivate(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user);

  const AccountStore& store() const { return store_; }

 private:
  void record(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user);

  const Environment environment_;
  Sessions& sessions_;
  Devices& devices_;
  const Lifecycle& lifecycle_;
  AccountStore store_;
  FactorStore factors_;
};

}  // namespace wardline::identity
