#include "server/clinical/patients.h"

#include <algorithm>
#include <tuple>

#include "server/identity/secret_code.h"

namespace wardline::clinical {
namespace {

using identity::Attempt;
using identity::Requester;
using policy::Action;

std::vector<std::string_view> names_of(const Identifiers& identifiers) {
  std::vector<std::string_view> names;
  if (identifiers.mrn) names.push_back("mrn");
  if (identifiers.birth_date) names.push_back("birth_date");
  if (identifiers.family_name) names.push_back("family_name");
  if (identifiers.given_name) names.push_back("given_name");
  return names;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string all;
  for (const auto& name : names) {
    if (!all.empty()) all += ',';
    all += name;
  }
  return all;
}

core::Result<void> check(const Identifiers& identifiers) {
  if (!identifiers.are_two()) {
    return core::fail(core::ErrorKind::invalid, "two-identifiers-needed",
                      "Give two of these: record number, date of birth, name.");
  }
  if (identifiers.birth_date && !is_date(*identifiers.birth_date)) {
    return core::fail(core::ErrorKind::invalid, "bad-birth-date",
                      "Write the date of birth as year-month-day.");
  }
  return {};
}

}  // namespace

Patients::Patients(const identity::Environment& environment, const audit::PatientReferenceKey& references,
                   const PatientConversations* conversations)
    : environment_(environment),
      references_(references),
      conversations_(conversations),
      store_(environment.keys) {}

core::Result<Match> Patients::match(const Requester& who, const Identifiers& identifiers) {
  const auto permitted = identity::authorize<Action::patient_match>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  if (const auto sound = check(identifiers); !sound) return std::unexpected(sound.error());
  return identity::write_attempt<Match>(
      environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<Match>> {
        const auto candidates = store_.match(tx, identifiers);
        if (candidates.size() == 1) {
          auto match = found(tx, who, candidates.front(), identifiers, permitted->decision());
          if (!match) return std::unexpected(match.error());
          return Attempt<Match>{std::move(match)};
        }
        // SAF-1, SAF-2: never a pick among several.
        const core::Error error =
            candidates.empty() ? core::Error{core::ErrorKind::not_found,
                                             "patient-not-found",
                                             "No patient has all of these identifiers.",
                                             {}}
                               : core::Error{core::ErrorKind::conflict,
                                             "patient-ambiguous",
                                             "Several patients have these identifiers. Add another one.",
                                             {{"candidates", static_cast<std::int64_t>(candidates.size())}}};
        auto entry =
            identity::entry_by(who, Action::patient_match, audit::Outcome::failed, environment_.clock.now());
        entry.reason = audit::Code::of(error);
        audit::append(tx, entry);
        return Attempt<Match>{std::unexpected(error)};
      });
}

core::Result<Match> Patients::found(storage::Transaction& tx, const Requester& who, core::PatientId id,
                                    const Identifiers& identifiers, const policy::Decision& decision) {
  auto patient = store_.find(tx, id);
  if (!patient) return std::unexpected(patient.error());
  const core::Time now = environment_.clock.now();
  Match match{.patient = std::move(patient->value()),
              .matched_on = names_of(identifiers),
              .match_id = identity::new_token()};
  tx.execute(
      "INSERT INTO patient_matches (match_hash, user_id, patient_id, matched_on, expires_at) VALUES ($1, $2, "
      "$3, $4, $5)",
      *identity::token_hash(match.match_id), who.subject.user, id, joined(match.matched_on),
      now + kMatchLifetime);
  auto entry = identity::entry_by(who, Action::patient_match, decision, now);
  entry.patient = references_.of(id);
  audit::append(tx, entry);
  return match;
}

core::Result<Patient> Patients::read(const Requester& who, core::PatientId id) {
  const auto facts =
      environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<policy::Resource> {
        policy::Resource resource;
        resource.care_team = is_on_care_team(tx, id, who.subject.user);
        resource.patient_conversation =
            conversations_ != nullptr && conversations_->is_member_about(tx, who.subject.user, id);
        return resource;
      });
  if (!facts) return std::unexpected(facts.error());
  const auto decision = policy::decide(environment_.policy, who.subject, Action::patient_read, *facts);
  auto entry = identity::entry_by(who, Action::patient_read, decision, environment_.clock.now());
  entry.patient = references_.of(id);
  return identity::write_attempt<Patient>(
      environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<Patient>> {
        audit::append(tx, entry);
        if (!decision.permitted())
          return Attempt<Patient>{std::unexpected(policy::denial(decision, Action::patient_read))};
        auto patient = store_.find(tx, id);
        if (!patient) return std::unexpected(patient.error());
        return Attempt<Patient>{std::move(patient->value())};
      });
}

core::Result<std::vector<Patient>> Patients::panel(const Requester& who) {
  const auto permitted = identity::authorize<Action::patient_list>(environment_, who, {});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<std::vector<Patient>> {
    std::vector<Patient> panel;
    std::vector<audit::Entry> entries;
    const auto rows = tx.query("SELECT patient_id FROM care_team WHERE user_id = $1", who.subject.user);
    for (const auto row : rows) {
      auto patient = store_.find(tx, row.get<core::PatientId>(0));
      if (!patient) return std::unexpected(patient.error());
      entries.push_back(
          identity::entry_by(who, Action::patient_list, permitted->decision(), environment_.clock.now()));
      entries.back().patient = references_.of((*patient)->id);
      panel.push_back(std::move(**patient));
    }
    audit::append(tx, entries);
    std::ranges::sort(panel, [](const Patient& a, const Patient& b) {
      return std::tie(a.family_name, a.given_name, a.id) < std::tie(b.family_name, b.given_name, b.id);
    });
    return panel;
  });
}

core::Result<std::optional<MatchedPatient>> Patients::find_match(core::UserId user,
                                                                 std::string_view match_id) const {
  const auto hash = identity::token_hash(match_id);
  if (!hash) return std::nullopt;
  return environment_.database.read(
      [&](storage::ReadTransaction& tx) -> core::Result<std::optional<MatchedPatient>> {
        const auto rows = tx.query(
            "SELECT patient_id, matched_on FROM patient_matches WHERE match_hash = $1 AND user_id = $2 AND "
            "expires_at > $3",
            *hash, user, environment_.clock.now());
        if (rows.empty()) return std::nullopt;
        return MatchedPatient{rows.front().get<core::PatientId>(0), rows.front().get<std::string>(1)};
      });
}

bool Patients::is_on_care_team(storage::ReadTransaction& tx, core::PatientId patient,
                               core::UserId user) const {
  return !tx.query("SELECT 1 FROM care_team WHERE patient_id = $1 AND user_id = $2", patient, user).empty();
}

void Patients::record(storage::Transaction& tx, const identity::ChangeAuthor& author, core::PatientId patient,
                      std::vector<audit::Object> objects) const {
  auto entry = author.entry(Action::patient_manage, audit::Outcome::done, environment_.clock.now());
  entry.patient = references_.of(patient);
  entry.objects = std::move(objects);
  audit::append(tx, entry);
}

core::PatientId Patients::add(storage::Transaction& tx, const identity::ChangeAuthor& author,
                              Patient patient) {
  patient.id = core::new_id<core::PatientId>();
  store_.insert(tx, patient);
  record(tx, author, patient.id, {});
  return patient.id;
}

void Patients::add_to_care_team(storage::Transaction& tx, const identity::ChangeAuthor& author,
                                core::PatientId patient, core::UserId user) {
  tx.execute(
      "INSERT INTO care_team (patient_id, user_id, since_at) VALUES ($1, $2, $3) "
      "ON CONFLICT (patient_id, user_id) DO NOTHING",
      patient, user, environment_.clock.now());
  record(tx, author, patient, {user});
}

core::Result<void> Patients::purge() {
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    tx.execute("DELETE FROM patient_matches WHERE expires_at <= $1", environment_.clock.now());
    return {};
  });
}

}  // namespace wardline::clinical
