#include "server/directory/directory_store.h"

namespace wardline::directory::store {

std::vector<Service> services(storage::ReadTransaction& tx) {
  std::vector<Service> all;
  const auto rows = tx.query("SELECT service_id, name FROM services ORDER BY name");
  for (const auto row : rows) all.push_back({row.get<core::ServiceLineId>(0), row.get<std::string>(1)});
  return all;
}

std::vector<Location> locations(storage::ReadTransaction& tx) {
  std::vector<Location> all;
  const auto rows = tx.query("SELECT location_id, name FROM locations ORDER BY name");
  for (const auto row : rows) all.push_back({row.get<core::LocationId>(0), row.get<std::string>(1)});
  return all;
}

core::ServiceLineId insert_service(storage::Transaction& tx, std::string_view name) {
  const auto id = core::new_id<core::ServiceLineId>();
  tx.execute("INSERT INTO services (service_id, name) VALUES ($1, $2)", id, name);
  return id;
}

core::LocationId insert_location(storage::Transaction& tx, std::string_view name) {
  const auto id = core::new_id<core::LocationId>();
  tx.execute("INSERT INTO locations (location_id, name) VALUES ($1, $2)", id, name);
  return id;
}

void place(storage::Transaction& tx, core::UserId user, std::string_view role_title,
           core::ServiceLineId service, core::LocationId location) {
  tx.execute(
      "INSERT INTO people (user_id, role_title, service_id, location_id) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (user_id) DO UPDATE SET role_title = excluded.role_title, service_id = "
      "excluded.service_id, "
      "location_id = excluded.location_id",
      user, role_title, service, location);
}

std::optional<Placement> placement(storage::ReadTransaction& tx, core::UserId user) {
  const auto rows = tx.query(
      "SELECT p.role_title, s.service_id, s.name, l.location_id, l.name FROM people p "
      "JOIN services s ON s.service_id = p.service_id JOIN locations l ON l.location_id = p.location_id "
      "WHERE p.user_id = $1",
      user);
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return Placement{.user = user,
                   .role_title = row.get<std::string>(0),
                   .service = {row.get<core::ServiceLineId>(1), row.get<std::string>(2)},
                   .location = {row.get<core::LocationId>(3), row.get<std::string>(4)}};
}

std::vector<core::UserId> confirmed_contacts(storage::ReadTransaction& tx, core::UserId owner) {
  std::vector<core::UserId> contacts;
  const auto rows = tx.query("SELECT contact_id FROM contacts WHERE owner_id = $1", owner);
  for (const auto row : rows) contacts.push_back(row.get<core::UserId>(0));
  return contacts;
}

bool is_confirmed(storage::ReadTransaction& tx, core::UserId owner, core::UserId contact) {
  return !tx.query("SELECT 1 FROM contacts WHERE owner_id = $1 AND contact_id = $2", owner, contact).empty();
}

void confirm(storage::Transaction& tx, core::UserId owner, core::UserId contact, core::Time now) {
  tx.execute(
      "INSERT INTO contacts (owner_id, contact_id, confirmed_at) VALUES ($1, $2, $3) "
      "ON CONFLICT (owner_id, contact_id) DO NOTHING",
      owner, contact, now);
}

core::OnCallRoleId insert_role(storage::Transaction& tx, std::string_view name, core::ServiceLineId service) {
  const auto id = core::new_id<core::OnCallRoleId>();
  tx.execute("INSERT INTO on_call_roles (role_id, name, service_id) VALUES ($1, $2, $3)", id, name, service);
  return id;
}

std::vector<OnCallRole> roles(storage::ReadTransaction& tx) {
  std::vector<OnCallRole> all;
  const auto rows = tx.query(
      "SELECT r.role_id, r.name, s.service_id, s.name FROM on_call_roles r "
      "JOIN services s ON s.service_id = r.service_id ORDER BY r.name");
  for (const auto row : rows) {
    all.push_back({row.get<core::OnCallRoleId>(0),
                   row.get<std::string>(1),
                   {row.get<core::ServiceLineId>(2), row.get<std::string>(3)}});
  }
  return all;
}

ShiftId insert_shift(storage::Transaction& tx, core::OnCallRoleId role, core::UserId user, core::Time from,
                     core::Time until) {
  const auto id = core::new_id<ShiftId>();
  tx.execute(
      "INSERT INTO on_call_shifts (shift_id, role_id, user_id, from_at, until_at) VALUES ($1, $2, $3, $4, "
      "$5)",
      id, role, user, from, until);
  return id;
}

std::vector<Shift> shifts(storage::ReadTransaction& tx, core::Time from, core::Time until) {
  std::vector<Shift> all;
  const auto rows = tx.query(
      "SELECT shift_id, role_id, user_id, from_at, until_at FROM on_call_shifts WHERE until_at > $1 AND "
      "from_at < $2",
      from, until);
  for (const auto row : rows) {
    all.push_back({row.get<ShiftId>(0), row.get<core::OnCallRoleId>(1), row.get<core::UserId>(2),
                   row.get<core::Time>(3), row.get<core::Time>(4)});
  }
  return all;
}

}  // namespace wardline::directory::store
