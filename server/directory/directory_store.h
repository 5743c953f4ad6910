// The directory's tables.
#pragma once

#include <vector>

#include "server/directory/on_call.h"
#include "server/directory/person.h"
#include "server/storage/transaction.h"

namespace wardline::directory {

struct OnCallRole {
  core::OnCallRoleId id;
  std::string name;
  Service service;
};

/// Where somebody works: the part of a Person that is the directory's own.
struct Placement {
  core::UserId user;
  std::string role_title;
  Service service;
  Location location;
};

namespace store {

std::vector<Service> services(storage::ReadTransaction& tx);
std::vector<Location> locations(storage::ReadTransaction& tx);
core::ServiceLineId insert_service(storage::Transaction& tx, std::string_view name);
core::LocationId insert_location(storage::Transaction& tx, std::string_view name);

void place(storage::Transaction& tx, core::UserId user, std::string_view role_title,
           core::ServiceLineId service, core::LocationId location);
std::optional<Placement> placement(storage::ReadTransaction& tx, core::UserId user);

std::vector<core::UserId> confirmed_contacts(storage::ReadTransaction& tx, core::UserId owner);
bool is_confirmed(storage::ReadTransaction& tx, core::UserId owner, core::UserId contact);
void confirm(storage::Transaction& tx, core::UserId owner, core::UserId contact, core::Time now);

core::OnCallRoleId insert_role(storage::Transaction& tx, std::string_view name, core::ServiceLineId service);
std::vector<OnCallRole> roles(storage::ReadTransaction& tx);
ShiftId insert_shift(storage::Transaction& tx, core::OnCallRoleId role, core::UserId user, core::Time from,
                     core::Time until);
/// Shifts that touch [from, until), of all roles.
std::vector<Shift> shifts(storage::ReadTransaction& tx, core::Time from, core::Time until);

}  // namespace store
}  // namespace wardline::directory
