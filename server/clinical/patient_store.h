// Patients as rows: sealed columns, found by keyed hashes of their identifiers.
#pragma once

#include "server/clinical/patient.h"
#include "server/identity/environment.h"

namespace wardline::clinical {

class PatientStore {
 public:
  explicit PatientStore(storage::KeyRing& keys);

  /// Throws StorageFailure `already_exists` for a record number that is taken.
  void insert(storage::Transaction& tx, const Patient& patient) const;
  core::Result<std::optional<Patient>> find(storage::ReadTransaction& tx, core::PatientId id) const;
  /// Everybody whom all given identifiers fit. They must be two (Identifiers::are_two).
  std::vector<core::PatientId> match(storage::ReadTransaction& tx, const Identifiers& identifiers) const;

 private:
  /// The hashes that rows are compared by; nothing for an identifier that was not given.
  struct Hashes {
    std::optional<Bytes> mrn;
    std::optional<Bytes> birth_date;
    std::optional<Bytes> family_name;
    std::optional<Bytes> given_name;
  };

  storage::SealedColumn mrn_;
  storage::SealedColumn birth_date_;
  storage::SealedColumn family_name_;
  storage::SealedColumn given_name_;
  storage::SealedColumn sex_;
  storage::SealedColumn bed_;
  storage::SealedColumn allergies_;
  storage::BlindIndex mrn_index_;
  storage::BlindIndex birth_date_index_;
  storage::BlindIndex family_name_index_;
  storage::BlindIndex given_name_index_;
};

}  // namespace wardline::clinical
