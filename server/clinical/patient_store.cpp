#include "server/clinical/patient_store.h"

#include "server/directory/name_fold.h"

namespace wardline::clinical {
namespace {

using identity::organisation_scope;

constexpr storage::Label kPurpose = "patients";
constexpr storage::Label kIndexPurpose = "patients-index";
constexpr char kSeparator = '\n';

// Record numbers are read out with spaces, dashes and either case.
std::string normalised_mrn(std::string_view mrn) {
  std::string plain;
  for (const char c : mrn) {
    if (c >= 'a' && c <= 'z') plain += static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) plain += c;
  }
  return plain;
}

// "van der Berg", "Vanderberg": one word.
std::string normalised_family_name(std::string_view name) {
  std::string folded = directory::fold_name(name);
  std::erase(folded, ' ');
  return folded;
}

// Second given names come and go between systems: the first one counts.
std::string normalised_given_name(std::string_view name) {
  const auto words = directory::fold_words(name);
  return words.empty() ? std::string() : words.front();
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) {
    if (!all.empty()) all += kSeparator;
    all += line;
  }
  return all;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kSeparator), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

PatientStore::PatientStore(storage::KeyRing& keys)
    : mrn_(keys, kPurpose, "patients", "mrn"),
      birth_date_(keys, kPurpose, "patients", "birth_date"),
      family_name_(keys, kPurpose, "patients", "family_name"),
      given_name_(keys, kPurpose, "patients", "given_name"),
      sex_(keys, kPurpose, "patients", "sex"),
      bed_(keys, kPurpose, "patients", "bed"),
      allergies_(keys, kPurpose, "patients", "allergies"),
      mrn_index_(keys, kIndexPurpose, "patients", "mrn", storage::Normalise::exact),
      birth_date_index_(keys, kIndexPurpose, "patients", "birth_date", storage::Normalise::exact),
      family_name_index_(keys, kIndexPurpose, "patients", "family_name", storage::Normalise::exact),
      given_name_index_(keys, kIndexPurpose, "patients", "given_name", storage::Normalise::exact) {}

void PatientStore::insert(storage::Transaction& tx, const Patient& patient) const {
  const auto scope = organisation_scope();
  const ByteView row = patient.id.view();
  tx.execute(
      "INSERT INTO patients (patient_id, mrn_index, birth_date_index, family_name_index, given_name_index, "
      "mrn, "
      "birth_date, family_name, given_name, sex, bed, allergies, service_id, location_id) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      patient.id, mrn_index_.value(tx, scope, normalised_mrn(patient.mrn)),
      birth_date_index_.value(tx, scope, patient.birth_date),
      family_name_index_.value(tx, scope, normalised_family_name(patient.family_name)),
      given_name_index_.value(tx, scope, normalised_given_name(patient.given_name)),
      mrn_.seal(tx, scope, row, patient.mrn).stored(),
      birth_date_.seal(tx, scope, row, patient.birth_date).stored(),
      family_name_.seal(tx, scope, row, patient.family_name).stored(),
      given_name_.seal(tx, scope, row, patient.given_name).stored(),
      sex_.seal(tx, scope, row, patient.sex).stored(), bed_.seal(tx, scope, row, patient.bed).stored(),
      allergies_.seal(tx, scope, row, joined(patient.allergies)).stored(), patient.service.id,
      patient.location.id);
}

core::Result<std::optional<Patient>> PatientStore::find(storage::ReadTransaction& tx,
                                                        core::PatientId id) const {
  const auto rows = tx.query(
      "SELECT p.mrn, p.birth_date, p.family_name, p.given_name, p.sex, p.bed, p.allergies, s.service_id, "
      "s.name, "
      "l.location_id, l.name FROM patients p JOIN services s ON s.service_id = p.service_id "
      "JOIN locations l ON l.location_id = p.location_id WHERE p.patient_id = $1",
      id);
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  Patient patient;
  patient.id = id;
  std::string allergies;
  const std::pair<const storage::SealedColumn*, std::string*> columns[] = {
      {&mrn_, &patient.mrn},
      {&birth_date_, &patient.birth_date},
      {&family_name_, &patient.family_name},
      {&given_name_, &patient.given_name},
      {&sex_, &patient.sex},
      {&bed_, &patient.bed},
      {&allergies_, &allergies}};
  for (std::size_t i = 0; i < std::size(columns); ++i) {
    const auto opened = columns[i].first->open(tx, id.view(), row.get<storage::Sealed>(i));
    if (!opened) return std::unexpected(opened.error());
    *columns[i].second = opened->text();
  }
  patient.allergies = split(allergies);
  patient.service = {row.get<core::ServiceLineId>(7), row.get<std::string>(8)};
  patient.location = {row.get<core::LocationId>(9), row.get<std::string>(10)};
  return patient;
}

std::vector<core::PatientId> PatientStore::match(storage::ReadTransaction& tx,
                                                 const Identifiers& identifiers) const {
  const auto hash = [&](const storage::BlindIndex& index, const std::optional<std::string>& given,
                        auto normalise) {
    return given ? index.find(tx, organisation_scope(), normalise(*given)) : std::nullopt;
  };
  const Hashes wanted{
      .mrn = hash(mrn_index_, identifiers.mrn, normalised_mrn),
      .birth_date =
          hash(birth_date_index_, identifiers.birth_date, [](const std::string& date) { return date; }),
      .family_name = hash(family_name_index_, identifiers.family_name, normalised_family_name),
      .given_name = hash(given_name_index_, identifiers.given_name, normalised_given_name)};
  // Two of three identifiers are given, so that one of these two is.
  const auto candidates =
      wanted.mrn ? tx.query(
                       "SELECT patient_id, mrn_index, birth_date_index, family_name_index, given_name_index "
                       "FROM patients WHERE mrn_index = $1",
                       *wanted.mrn)
      : wanted.birth_date
          ? tx.query(
                "SELECT patient_id, mrn_index, birth_date_index, family_name_index, given_name_index "
                "FROM patients WHERE birth_date_index = $1",
                *wanted.birth_date)
          : storage::Rows();
  std::vector<core::PatientId> found;
  for (const auto row : candidates) {
    const auto fits = [&](std::size_t column, const std::optional<Bytes>& expected) {
      return !expected || equal(row.bytes_view(column), *expected);
    };
    if (fits(1, wanted.mrn) && fits(2, wanted.birth_date) && fits(3, wanted.family_name) &&
        fits(4, wanted.given_name)) {
      found.push_back(row.get<core::PatientId>(0));
    }
  }
  return found;
}

}  // namespace wardline::clinical
