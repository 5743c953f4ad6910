// The whole domain, wired: what app/ makes once and hands to whoever needs a part.
#pragma once

#include <memory>

#include "server/identity/administration.h"
#include "server/identity/devices.h"
#include "server/identity/factors.h"
#include "server/identity/sign_in.h"

namespace wardline::identity {

struct Options {
  std::string organisation;  ///< in the device CA's certificate, at most 64 bytes
  webauthn::RelyingParty relying_party;
  PasswordParameters password;
  PasswordLimits password_limits;
  SessionLimits sessions;
};

class Identity {
 public:
  /// What `environment` refers to must outlive the object. Errors: those of the database, "device-authority".
  static core::Result<std::unique_ptr<Identity>> create(const Environment& environment, Options options);

  const Environment& environment() const { return environment_; }
  const webauthn::RelyingParty& relying_party() const { return options_.relying_party; }
  /// Observers are added before there is any traffic.
  Lifecycle& lifecycle() { return lifecycle_; }

  PasswordHasher& hasher() { return hasher_; }
  Sessions& sessions() { return sessions_; }
  const DeviceAuthority& authority() const { return authority_; }
  Devices& devices() { return devices_; }
  Accounts& accounts() { return accounts_; }
  Administration& administration() { return administration_; }
  SignIn& sign_in() { return sign_in_; }
  Factors& factors() { return factors_; }

  /// Deletes and ends what has expired: call it about once a minute on a worker.
  core::Result<void> purge();

 private:
  Identity(const Environment& environment, Options options, DeviceAuthority authority);

  const Environment environment_;
  const Options options_;
  Lifecycle lifecycle_;
  PasswordHasher hasher_;
  Sessions sessions_;
  DeviceAuthority authority_;
  Devices devices_;
  Accounts accounts_;
  Administration administration_;
  SignIn sign_in_;
  Factors factors_;
};

}  // namespace wardline::identity
