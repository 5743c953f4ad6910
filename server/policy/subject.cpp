#include "server/policy/subject.h"

#include <array>

namespace wardline::policy {
namespace {

struct RoleInfo {
  std::string_view name;
  std::string_view words;
};

constexpr std::array<RoleInfo, kRoleCount> kRoles{{{"clinician", "clinician"},
                                                   {"resident", "resident"},
                                                   {"charge_nurse", "charge nurse"},
                                                   {"nurse", "nurse"},
                                                   {"privacy_officer", "privacy officer"},
                                                   {"admin", "administrator"}}};

}  // namespace

std::string_view name_of(Role role) { return kRoles.at(static_cast<std::size_t>(role)).name; }
std::string_view words_of(Role role) { return kRoles.at(static_cast<std::size_t>(role)).words; }

std::optional<Role> find_role(std::string_view name) {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (kRoles[i].name == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Employment employment) {
  return employment == Employment::staff ? "staff" : "contractor";
}

std::optional<Employment> find_employment(std::string_view name) {
  if (name == "staff") return Employment::staff;
  if (name == "contractor") return Employment::contractor;
  return std::nullopt;
}

}  // namespace wardline::policy
