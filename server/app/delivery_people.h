// Answers what delivery asks about people, out of identity, directory and clinical.
#pragma once

#include "server/clinical/patients.h"
#include "server/delivery/people.h"
#include "server/directory/directory.h"

namespace wardline::app {

class DeliveryPeople final : public delivery::People {
 public:
  /// `authority`: the device CA, whose certificates name devices. All outlive the object.
  DeliveryPeople(identity::Identity& identity, const directory::Directory& directory,
                 const clinical::Patients& patients)
      : identity_(identity), directory_(directory), patients_(patients) {}

  std::vector<core::DeviceId> active_devices(storage::ReadTransaction& tx, core::UserId user) override;
  bool is_active_device(storage::ReadTransaction& tx, core::UserId user, core::DeviceId device) override;
  std::optional<policy::Recipient> recipient(storage::ReadTransaction& tx, core::UserId from, core::UserId to,
                                             std::optional<core::PatientId> patient) override;
  std::optional<delivery::PatientMatch> find_match(core::UserId user, std::string_view match_id) override;
  std::optional<Owner> owner_of(const mls::Credential& credential, core::Time now) const override;

 private:
  identity::Identity& identity_;
  const directory::Directory& directory_;
  const clinical::Patients& patients_;
};

}  // namespace wardline::app
