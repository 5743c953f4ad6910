// Patients: found by two identifiers and never picked among several (SAF-1), seen by their care team and by
// the members of a conversation about them, each access audited.
#pragma once

#include "server/audit/object.h"
#include "server/clinical/patient_store.h"
#include "server/identity/accounts.h"

namespace wardline::clinical {

/// What delivery knows about patients.
class PatientConversations {
 public:
  virtual ~PatientConversations() = default;
  /// Whether `user` is a member of a conversation about `patient`.
  virtual bool is_member_about(storage::ReadTransaction& tx, core::UserId user,
                               core::PatientId patient) const = 0;
};

struct Match {
  Patient patient;
  std::vector<std::string_view> matched_on;  ///< "mrn", "birth_date", "family_name", "given_name"
  std::string match_id;  ///< proof for a short while that this person matched this patient
};

/// What a match_id stands for.
struct MatchedPatient {
  core::PatientId patient;
  std::string matched_on;  ///< comma separated
};

class Patients {
 public:
  static constexpr std::chrono::minutes kMatchLifetime{15};

  /// What the references refer to outlives the object. `conversations` may be null: then only the care team
  /// reads.
  Patients(const identity::Environment& environment, const audit::PatientReferenceKey& references,
           const PatientConversations* conversations);

  /// Errors: `invalid` "two-identifiers-needed", "bad-birth-date" (both whatever patients there are);
  /// `not_found` "patient-not-found"; `conflict` "patient-ambiguous" with `candidates`.
  core::Result<Match> match(const identity::Requester& who, const Identifiers& identifiers);

  /// Errors: `denied` (also where there is no such patient: who may not see one learns nothing).
  core::Result<Patient> read(const identity::Requester& who, core::PatientId id);
  /// Those on whose care team the caller is, by name.
  core::Result<std::vector<Patient>> panel(const identity::Requester& who);

  /// Nothing if it was not given to this person or is no longer good.
  core::Result<std::optional<MatchedPatient>> find_match(core::UserId user, std::string_view match_id) const;
  bool is_on_care_team(storage::ReadTransaction& tx, core::PatientId patient, core::UserId user) const;

  // Changes, in the caller's transaction, audited.
  core::PatientId add(storage::Transaction& tx, const identity::ChangeAuthor& author, Patient patient);
  void add_to_care_team(storage::Transaction& tx, const identity::ChangeAuthor& author,
                        core::PatientId patient, core::UserId user);

  /// Deletes matches whose time is up.
  core::Result<void> purge();

 private:
  core::Result<Match> found(storage::Transaction& tx, const identity::Requester& who, core::PatientId id,
                            const Identifiers& identifiers, const policy::Decision& decision);
  void record(storage::Transaction& tx, const identity::ChangeAuthor& author, core::PatientId patient,
              std::vector<audit::Object> objects) const;

  const identity::Environment environment_;
  const audit::PatientReferenceKey& references_;
  const PatientConversations* const conversations_;
  PatientStore store_;
};

}  // namespace wardline::clinical
