#include "server/directory/directory.h"

// What changes the directory: each in the caller's transaction, with its audit entry.
namespace wardline::directory {

using identity::ChangeAuthor;
using policy::Action;

void Directory::record(storage::Transaction& tx, const ChangeAuthor& author, Action action,
                       std::vector<audit::Object> objects) const {
  auto entry = author.entry(action, audit::Outcome::done, environment_.clock.now());
  entry.objects = std::move(objects);
  audit::append(tx, entry);
}

core::Result<void> Directory::confirm_contact(const identity::Requester& who, core::UserId contact) {
  if (contact == who.subject.user) {
    return core::fail(core::ErrorKind::invalid, "contact-is-self", "This is you.");
  }
  const auto permitted = identity::authorize<Action::contact_confirm>(environment_, who, {}, {contact});
  if (!permitted) return std::unexpected(permitted.error());
  if (!index_.find(contact)) {
    return core::fail(core::ErrorKind::not_found, "person-not-found",
                      "There is no such person in the directory.");
  }
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    const core::Time now = environment_.clock.now();
    store::confirm(tx, who.subject.user, contact, now);
    auto entry = identity::entry_by(who, Action::contact_confirm, permitted->decision(), now);
    entry.objects = {contact};
    audit::append(tx, entry);
    return {};
  });
}

core::ServiceLineId Directory::add_service(storage::Transaction& tx, const ChangeAuthor& author,
                                           std::string_view name) {
  const auto id = store::insert_service(tx, name);
  record(tx, author, Action::directory_manage, {id});
  return id;
}

core::LocationId Directory::add_location(storage::Transaction& tx, const ChangeAuthor& author,
                                         std::string_view name) {
  const auto id = store::insert_location(tx, name);
  record(tx, author, Action::directory_manage, {id});
  return id;
}

void Directory::place(storage::Transaction& tx, const ChangeAuthor& author, core::UserId user,
                      std::string_view role_title, core::ServiceLineId service, core::LocationId location) {
  store::place(tx, user, role_title, service, location);
  record(tx, author, Action::directory_manage, {user, service, location});
  tx.after_commit([this, user] { on_account_changed(user); });
}

core::OnCallRoleId Directory::add_on_call_role(storage::Transaction& tx, const ChangeAuthor& author,
                                               std::string_view name, core::ServiceLineId service) {
  const auto id = store::insert_role(tx, name, service);
  record(tx, author, Action::on_call_manage, {id, service});
  return id;
}

void Directory::add_shift(storage::Transaction& tx, const ChangeAuthor& author, core::OnCallRoleId role,
                          core::UserId user, core::Time from, core::Time until) {
  store::insert_shift(tx, role, user, from, until);
  record(tx, author, Action::on_call_manage, {role, user});
}

}  // namespace wardline::directory
