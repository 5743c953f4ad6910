// What delivery asks about people and devices. Answered by identity, directory and clinical; wired in
// server/app.
#pragma once

#include <optional>
#include <vector>

#include "lib/mls/public/credential.h"
#include "server/policy/decide.h"
#include "server/storage/transaction.h"

namespace wardline::delivery {

/// Which patient a conversation is about, and how that was matched (SAF-1).
struct PatientMatch {
  core::PatientId patient;
  std::string matched_on;  ///< fixed words, comma separated: "mrn,birth_date"
};

class People {
 public:
  virtual ~People() = default;

  /// Devices that may be reached: registered and not revoked, of a person who is active.
  virtual std::vector<core::DeviceId> active_devices(storage::ReadTransaction& tx, core::UserId user) = 0;
  virtual bool is_active_device(storage::ReadTransaction& tx, core::UserId user, core::DeviceId device) = 0;

  /// The facts that policy decides about `to` upon, as `from` would write to them. Nothing for an unknown
  /// person.
  virtual std::optional<policy::Recipient> recipient(storage::ReadTransaction& tx, core::UserId from,
                                                     core::UserId to,
                                                     std::optional<core::PatientId> patient) = 0;

  /// What `match_id` of POST /v1/patients/match stands for, if it was given to this person and is still good.
  /// Called outside of any transaction.
  virtual std::optional<PatientMatch> find_match(core::UserId user, std::string_view match_id) = 0;

  /// Who a leaf is: its certificate chains to the device CA, is valid at `now`, and names a device of a
  /// person.
  struct Owner {
    core::UserId user;
    core::DeviceId device;
    bool operator==(const Owner&) const = default;
  };
  virtual std::optional<Owner> owner_of(const mls::Credential& credential, core::Time now) const = 0;
};

}  // namespace wardline::delivery
