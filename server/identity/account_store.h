// Accounts as rows: names and passwords sealed, usernames found by keyed hash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/identity/environment.h"
#include "server/policy/subject.h"

namespace wardline::identity {

struct Account {
  core::UserId id;
  std::string username;
  std::string name;
  policy::Role role = policy::Role::nurse;
  policy::Employment employment = policy::Employment::staff;
  bool active = true;
  core::Time created_at;
};

class AccountStore {
 public:
  explicit AccountStore(storage::KeyRing& keys);

  /// Throws StorageFailure `already_exists` for a username that is taken.
  void insert(storage::Transaction& tx, const Account& account, std::string_view password_hash) const;
  core::Result<std::optional<Account>> find(storage::ReadTransaction& tx, core::UserId id) const;
  /// As people type it: case and surrounding spaces do not matter.
  core::Result<std::optional<Account>> find_by_username(storage::ReadTransaction& tx,
                                                        std::string_view username) const;
  core::Result<std::vector<Account>> all(storage::ReadTransaction& tx) const;

  core::Result<std::string> password_hash(storage::ReadTransaction& tx, core::UserId id) const;
  void set_password_hash(storage::Transaction& tx, core::UserId id, std::string_view hash) const;
  void set_active(storage::Transaction& tx, core::UserId id, bool active) const;
  void set_role(storage::Transaction& tx, core::UserId id, policy::Role role) const;
  void set_name(storage::Transaction& tx, core::UserId id, std::string_view name) const;

  void insert_activation_code(storage::Transaction& tx, core::UserId id, std::string_view code,
                              core::Time now, core::Time expires_at) const;
  /// The index of the code, if it is this person's, not used and not expired.
  std::optional<Bytes> find_activation_code(storage::ReadTransaction& tx, core::UserId id,
                                            std::string_view code, core::Time now) const;
  /// False if somebody was faster.
  bool use_activation_code(storage::Transaction& tx, ByteView code_index, core::Time now) const;
  void withdraw_activation_codes(storage::Transaction& tx, core::UserId id, core::Time now) const;

 private:
  core::Result<Account> account_of(storage::ReadTransaction& tx, const storage::Row& row) const;

  storage::SealedColumn username_;
  storage::SealedColumn name_;
  storage::SealedColumn password_;
  storage::BlindIndex username_index_;
  storage::BlindIndex activation_index_;
};

}  // namespace wardline::identity
