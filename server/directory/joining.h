// People who join: an account, a place in the directory, and what they need to sign in the first time
// (IAM-1).
#pragma once

#include <map>

#include "server/directory/directory.h"

namespace wardline::directory {

/// As the organisation writes them down: services and locations by their names.
struct Joiner {
  std::string username;
  std::string name;
  policy::Role role = policy::Role::nurse;
  policy::Employment employment = policy::Employment::staff;
  std::string role_title;  ///< what people read: "Attending physician"
  std::string service;
  std::string location;
};

struct InitialPassword {
  std::string text;
  std::string hash;  ///< from PasswordHasher
};
/// Random, 80 bits that can be read out and typed. Slow, as hashing is: not for transactions. Errors: those
/// of the hasher.
core::Result<InitialPassword> new_initial_password(identity::PasswordHasher& hasher);

/// What somebody needs to sign in the first time, to be handed over on paper or in person.
struct FirstSignIn {
  core::UserId user;
  std::string username;
  std::string password;
  std::string activation_code;
  std::string name;
  std::string role_title;
  std::string service;
};

/// One run of a transaction that adds people.
class Joining {
 public:
  Joining(identity::Accounts& accounts, Directory& directory, storage::Transaction& tx,
          const identity::ChangeAuthor& author);

  /// Throws StorageFailure `already_exists` for a username that is taken.
  FirstSignIn add(const Joiner& joiner, const InitialPassword& password);

  /// The one of this name, added if there is none.
  core::ServiceLineId service(std::string_view name);
  core::LocationId location(std::string_view name);

 private:
  identity::Accounts& accounts_;
  Directory& directory_;
  storage::Transaction& tx_;
  const identity::ChangeAuthor& author_;
  std::map<std::string, core::ServiceLineId, std::less<>> services_;
  std::map<std::string, core::LocationId, std::less<>> locations_;
};

}  // namespace wardline::directory
