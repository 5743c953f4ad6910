// Who asks: the facts about a person and their session that policy decides upon.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/core/clock.h"
#include "server/core/id.h"
#include "server/policy/action.h"

namespace wardline::policy {

enum class Role : std::uint8_t { clinician, resident, charge_nurse, nurse, privacy_officer, admin };
inline constexpr std::size_t kRoleCount = 6;

std::string_view name_of(Role role);   ///< as on the wire and in storage: "charge_nurse"
std::string_view words_of(Role role);  ///< as people read it: "charge nurse"
std::optional<Role> find_role(std::string_view name);

/// How somebody is bound to the organisation (IAM-5: contractors cannot export).
enum class Employment : std::uint8_t { staff, contractor };
std::string_view name_of(Employment employment);
std::optional<Employment> find_employment(std::string_view name);

struct Subject {
  core::UserId user = {};
  Role role = Role::nurse;
  Employment employment = Employment::staff;
  Stage stage = Stage::none;
  std::optional<core::SessionId> session = {};
  std::optional<core::DeviceId> device = {};  ///< set from stage device_bound on
  std::vector<core::ServiceLineId> service_lines = {};
};

}  // namespace wardline::policy
