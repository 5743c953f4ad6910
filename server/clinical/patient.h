// A patient's header: what the confirmation card shows (SAF-1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/directory/person.h"

namespace wardline::clinical {

/// A calendar day that exists, between 1850 and 2199, as "YYYY-MM-DD".
bool is_date(std::string_view text);

struct Patient {
  core::PatientId id;
  std::string family_name;
  std::string given_name;
  std::string birth_date;  ///< "YYYY-MM-DD"
  std::string sex;         ///< "female", "male", "other", "unknown" (FHIR AdministrativeGender)
  std::string mrn;
  directory::Location location;
  std::string bed;
  directory::Service service;
  std::vector<std::string> allergies;
};

/// What somebody types to find a patient.
struct Identifiers {
  std::optional<std::string> mrn = {};
  std::optional<std::string> birth_date = {};
  std::optional<std::string> family_name = {};
  std::optional<std::string> given_name = {};

  /// SAF-1: the record number, the birth date and the name count as one identifier each; two are needed. A
  /// family name and a given name are one name.
  bool are_two() const;
};

}  // namespace wardline::clinical
