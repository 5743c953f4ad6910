// The directory: who works here, where, who has the duty, and whom the viewer has checked before (CH-10,
// SAF-4, SAF-5).
#pragma once

#include <map>

#include "server/directory/directory_store.h"
#include "server/directory/search_index.h"
#include "server/identity/identity.h"

namespace wardline::directory {

enum class Contact : std::uint8_t { self, confirmed, unconfirmed };

/// A duty that somebody has right now.
struct CurrentDuty {
  core::OnCallRoleId role;
  std::string name;
  std::optional<core::Time> until;
};

/// A person as one viewer sees them.
struct PersonView {
  std::shared_ptr<const Person> person;
  std::vector<CurrentDuty> on_call;
  Contact contact = Contact::unconfirmed;
};

struct SearchRequest {
  std::string text = {};  ///< "cardiology on call" is understood
  std::optional<policy::Role> role = {};
  std::optional<core::ServiceLineId> service = {};
  std::optional<core::LocationId> location = {};
  bool on_call = false;
  std::size_t offset = 0;
  std::size_t limit = 50;
};

struct SearchAnswer {
  std::vector<PersonView> people;
  std::optional<std::size_t> next_offset;
};

struct RotaLine {
  OnCallRole role;
  std::optional<PersonView> now;
  std::optional<core::Time> until;
  std::optional<PersonView> next;
};

struct Similar {
  core::UserId user;
  std::vector<PersonView> look_alikes;
};

/// Safe for use from many threads. Errors of all queries: `denied`, and those of the database.
class Directory final : public identity::LifecycleObserver {
 public:
  static constexpr std::size_t kSearchMost = 100;

  /// Reads all names into memory and listens to changes of accounts. `identity` outlives the object.
  static core::Result<std::unique_ptr<Directory>> create(identity::Identity& identity);

  core::Result<SearchAnswer> search(const identity::Requester& who, const SearchRequest& request) const;
  /// Error: `not_found` "person-not-found".
  core::Result<PersonView> person(const identity::Requester& who, core::UserId user) const;
  core::Result<std::vector<Service>> services(const identity::Requester& who) const;
  core::Result<std::vector<Location>> locations(const identity::Requester& who) const;
  core::Result<std::vector<RotaLine>> rota(const identity::Requester& who) const;
  /// Those of `users` who have look-alikes. Unknown ids are left out.
  core::Result<std::vector<Similar>> similar(const identity::Requester& who,
                                             const std::vector<core::UserId>& users) const;
  /// Errors: `not_found` "person-not-found"; `invalid` "contact-is-self".
  core::Result<void> confirm_contact(const identity::Requester& who, core::UserId contact);

  /// The viewer as they see themselves: for the session's answer. Nothing for somebody who is not in the
  /// directory.
  core::Result<std::optional<PersonView>> self(core::UserId user) const;
  /// What somebody's decisions are made with. Empty for somebody who is not in the directory.
  std::vector<core::ServiceLineId> service_lines_of(core::UserId user) const;
  /// The facts about `to` that policy decides upon when `from` writes to them; the care team is for clinical
  /// to say.
  std::optional<policy::Recipient> recipient(storage::ReadTransaction& tx, core::UserId from,
                                             core::UserId to) const;
  /// Who has this duty at `at` (SAF-5).
  std::optional<core::UserId> resolve(storage::ReadTransaction& tx, core::OnCallRoleId role,
                                      core::Time at) const;

  // Changes, in the caller's transaction, audited.
  core::ServiceLineId add_service(storage::Transaction& tx, const identity::ChangeAuthor& author,
                                  std::string_view name);
  core::LocationId add_location(storage::Transaction& tx, const identity::ChangeAuthor& author,
                                std::string_view name);
  void place(storage::Transaction& tx, const identity::ChangeAuthor& author, core::UserId user,
             std::string_view role_title, core::ServiceLineId service, core::LocationId location);
  core::OnCallRoleId add_on_call_role(storage::Transaction& tx, const identity::ChangeAuthor& author,
                                      std::string_view name, core::ServiceLineId service);
  void add_shift(storage::Transaction& tx, const identity::ChangeAuthor& author, core::OnCallRoleId role,
                 core::UserId user, core::Time from, core::Time until);

  /// Reads everything again: at start, and about once a minute for what other nodes have changed.
  core::Result<void> refresh();
  void on_account_changed(core::UserId user) override;

 private:
  /// What is true for everybody at one moment, read once per request.
  struct Rota {
    std::vector<OnCallRole> roles;
    std::map<core::OnCallRoleId, std::vector<Shift>> shifts;
    std::map<core::UserId, std::vector<CurrentDuty>> duties;
  };

  explicit Directory(identity::Identity& identity)
      : identity_(identity), environment_(identity.environment()) {}
  core::Result<std::optional<Person>> load(storage::ReadTransaction& tx, core::UserId user) const;
  Rota load_rota(storage::ReadTransaction& tx, core::Time now) const;
  PersonView view(std::shared_ptr<const Person> person, const Rota& rota, core::UserId viewer,
                  const std::vector<core::UserId>& confirmed) const;
  SearchIndex::Query query_of(const SearchRequest& request, const Rota& rota) const;
  void record(storage::Transaction& tx, const identity::ChangeAuthor& author, policy::Action action,
              std::vector<audit::Object> objects) const;

  identity::Identity& identity_;
  const identity::Environment environment_;
  SearchIndex index_;
};

}  // namespace wardline::directory
