#include "server/directory/directory.h"

#include "server/core/log.h"
#include "server/directory/name_fold.h"

namespace wardline::directory {
namespace {

using identity::authorize;
using identity::Requester;
using policy::Action;

constexpr std::chrono::days kRotaAhead{14};

std::unexpected<core::Error> person_not_found() {
  return core::fail(core::ErrorKind::not_found, "person-not-found",
                    "There is no such person in the directory.");
}

// "Cardiology on call": the words "on call" ask for the duty, the others for the service or the role.
bool take_on_call(std::vector<std::string>& words) {
  bool found = std::erase(words, "oncall") > 0;
  for (std::size_t i = 0; i + 1 < words.size();) {
    if (words[i] == "on" && words[i + 1] == "call") {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i),
                  words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      found = true;
    } else {
      ++i;
    }
  }
  return found;
}

}  // namespace

core::Result<std::unique_ptr<Directory>> Directory::create(identity::Identity& identity) {
  std::unique_ptr<Directory> directory(new Directory(identity));
  if (const auto loaded = directory->refresh(); !loaded) return std::unexpected(loaded.error());
  identity.lifecycle().add(*directory);
  return directory;
}

core::Result<std::optional<Person>> Directory::load(storage::ReadTransaction& tx, core::UserId user) const {
  const auto account = identity_.accounts().store().find(tx, user);
  if (!account) return std::unexpected(account.error());
  const auto placement = store::placement(tx, user);
  if (!*account || !placement) return std::nullopt;
  return Person{.id = user,
                .name = (*account)->name,
                .username = (*account)->username,
                .role = (*account)->role,
                .role_title = placement->role_title,
                .service = placement->service,
                .location = placement->location,
                .active = (*account)->active,
                .has_device = identity_.devices().has_device(tx, user)};
}

core::Result<void> Directory::refresh() {
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<void> {
    const auto rows = tx.query("SELECT user_id FROM people");
    for (const auto row : rows) {
      auto person = load(tx, row.get<core::UserId>(0));
      if (!person) return std::unexpected(person.error());
      if (*person) index_.put(std::move(**person));
    }
    return {};
  });
}

void Directory::on_account_changed(core::UserId user) {
  auto person = environment_.database.read([&](storage::ReadTransaction& tx) { return load(tx, user); });
  if (!person) {
    core::log::error("directory-refresh-failed",
                     {{"user", user}, {"code", core::log::Technical{person.error().code}}});
  } else if (*person) {
    index_.put(std::move(**person));
  }
}

Directory::Rota Directory::load_rota(storage::ReadTransaction& tx, core::Time now) const {
  Rota rota;
  rota.roles = store::roles(tx);
  for (const Shift& shift : store::shifts(tx, now, now + kRotaAhead)) {
    const auto person = index_.find(shift.user);
    if (person && person->active) rota.shifts[shift.role].push_back(shift);  // Who has left has no duty.
  }
  for (const OnCallRole& role : rota.roles) {
    const Duty duty = duty_at(rota.shifts[role.id], now);
    if (duty.now) rota.duties[*duty.now].push_back({role.id, role.name, duty.until});
  }
  return rota;
}

PersonView Directory::view(std::shared_ptr<const Person> person, const Rota& rota, core::UserId viewer,
                           const std::vector<core::UserId>& confirmed) const {
  PersonView view;
  if (const auto duties = rota.duties.find(person->id); duties != rota.duties.end())
    view.on_call = duties->second;
  if (person->id == viewer) {
    view.contact = Contact::self;
  } else if (std::ranges::find(confirmed, person->id) != confirmed.end()) {
    view.contact = Contact::confirmed;
  }
  view.person = std::move(person);
  return view;
}

SearchIndex::Query Directory::query_of(const SearchRequest& request, const Rota& rota) const {
  SearchIndex::Query query{.words = fold_words(request.text),
                           .role = request.role,
                           .service = request.service,
                           .location = request.location};
  if (!take_on_call(query.words) && !request.on_call) return query;
  query.only.emplace();
  for (const auto& [user, duties] : rota.duties) {
    auto& words = (*query.only)[user];
    for (const CurrentDuty& duty : duties) {
      for (auto& word : fold_words(duty.name)) words.push_back(std::move(word));
    }
  }
  return query;
}

core::Result<SearchAnswer> Directory::search(const Requester& who, const SearchRequest& request) const {
  const auto permitted = authorize<Action::directory_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<SearchAnswer> {
    const Rota rota = load_rota(tx, environment_.clock.now());
    const auto confirmed = store::confirmed_contacts(tx, who.subject.user);
    const auto hits = index_.search(query_of(request, rota));
    SearchAnswer answer;
    const std::size_t first = std::min(request.offset, hits.size());
    const std::size_t last = std::min(first + std::min(request.limit, kSearchMost), hits.size());
    for (std::size_t i = first; i < last; ++i) {
      answer.people.push_back(view(hits[i], rota, who.subject.user, confirmed));
    }
    if (last < hits.size()) answer.next_offset = last;
    return answer;
  });
}

core::Result<PersonView> Directory::person(const Requester& who, core::UserId user) const {
  const auto permitted = authorize<Action::directory_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  auto person = index_.find(user);
  if (!person) return person_not_found();
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<PersonView> {
    return view(person, load_rota(tx, environment_.clock.now()), who.subject.user,
                store::confirmed_contacts(tx, who.subject.user));
  });
}

core::Result<std::optional<PersonView>> Directory::self(core::UserId user) const {
  auto person = index_.find(user);
  if (!person) return std::nullopt;
  return environment_.database.read(
      [&](storage::ReadTransaction& tx) -> core::Result<std::optional<PersonView>> {
        return view(person, load_rota(tx, environment_.clock.now()), user, {});
      });
}

core::Result<std::vector<Service>> Directory::services(const Requester& who) const {
  const auto permitted = authorize<Action::directory_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<Service>> {
    return store::services(tx);
  });
}

core::Result<std::vector<Location>> Directory::locations(const Requester& who) const {
  const auto permitted = authorize<Action::directory_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<Location>> {
    return store::locations(tx);
  });
}

core::Result<std::vector<RotaLine>> Directory::rota(const Requester& who) const {
  const auto permitted = authorize<Action::on_call_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<RotaLine>> {
    const core::Time now = environment_.clock.now();
    const Rota rota = load_rota(tx, now);
    const auto confirmed = store::confirmed_contacts(tx, who.subject.user);
    const auto view_of = [&](const std::optional<core::UserId>& user) -> std::optional<PersonView> {
      auto person = user ? index_.find(*user) : nullptr;
      if (!person) return std::nullopt;
      return view(std::move(person), rota, who.subject.user, confirmed);
    };
    std::vector<RotaLine> lines;
    for (const OnCallRole& role : rota.roles) {
      const auto shifts = rota.shifts.find(role.id);
      const Duty duty = shifts == rota.shifts.end() ? Duty{} : duty_at(shifts->second, now);
      lines.push_back({role, view_of(duty.now), duty.until, view_of(duty.next)});
    }
    return lines;
  });
}

core::Result<std::vector<Similar>> Directory::similar(const Requester& who,
                                                      const std::vector<core::UserId>& users) const {
  const auto permitted = authorize<Action::directory_read>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<Similar>> {
    const Rota rota = load_rota(tx, environment_.clock.now());
    const auto confirmed = store::confirmed_contacts(tx, who.subject.user);
    std::vector<Similar> all;
    for (const auto& user : users) {
      Similar similar{user, {}};
      for (auto& person : index_.look_alikes(user)) {
        similar.look_alikes.push_back(view(std::move(person), rota, who.subject.user, confirmed));
      }
      if (!similar.look_alikes.empty()) all.push_back(std::move(similar));
    }
    return all;
  });
}

std::vector<core::ServiceLineId> Directory::service_lines_of(core::UserId user) const {
  const auto person = index_.find(user);
  return person ? std::vector{person->service.id} : std::vector<core::ServiceLineId>{};
}

std::optional<policy::Recipient> Directory::recipient(storage::ReadTransaction& tx, core::UserId from,
                                                      core::UserId to) const {
  const auto person = index_.find(to);
  if (!person) return std::nullopt;
  return policy::Recipient{.user = to,
                           .active = person->active,
                           .contact_confirmed = from == to || store::is_confirmed(tx, from, to),
                           .service_lines = {person->service.id}};
}

std::optional<core::UserId> Directory::resolve(storage::ReadTransaction& tx, core::OnCallRoleId role,
                                               core::Time at) const {
  std::vector<Shift> shifts;
  for (const Shift& shift : store::shifts(tx, at, at + std::chrono::microseconds(1))) {
    const auto person = index_.find(shift.user);
    if (shift.role == role && person && person->active) shifts.push_back(shift);
  }
  const auto shift = shift_at(shifts, at);
  return shift ? std::optional(shift->user) : std::nullopt;
}

}  // namespace wardline::directory
