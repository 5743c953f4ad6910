-- What identifies a patient is sealed; the *_index columns are keyed hashes to find them by.
CREATE TABLE patients (
  patient_id BYTES PRIMARY KEY,
  mrn_index BYTES NOT NULL UNIQUE,
  birth_date_index BYTES NOT NULL,
  family_name_index BYTES NOT NULL,
  given_name_index BYTES NOT NULL,
  mrn BYTES NOT NULL,
  birth_date BYTES NOT NULL,
  family_name BYTES NOT NULL,
  given_name BYTES NOT NULL,
  sex BYTES NOT NULL,
  bed BYTES NOT NULL,
  allergies BYTES NOT NULL,
  service_id BYTES NOT NULL REFERENCES services (service_id),
  location_id BYTES NOT NULL REFERENCES locations (location_id)
) WITHOUT ROWID;
CREATE INDEX patients_birth_date ON patients (birth_date_index);

CREATE TABLE care_team (
  patient_id BYTES NOT NULL REFERENCES patients (patient_id),
  user_id BYTES NOT NULL REFERENCES users (user_id),
  since_at BIGINT NOT NULL,
  PRIMARY KEY (patient_id, user_id)
) WITHOUT ROWID;
CREATE INDEX care_team_user ON care_team (user_id);

-- That somebody has matched a patient by two identifiers, for a short while.
CREATE TABLE patient_matches (
  match_hash BYTES PRIMARY KEY,
  user_id BYTES NOT NULL REFERENCES users (user_id),
  patient_id BYTES NOT NULL REFERENCES patients (patient_id),
  matched_on TEXT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
