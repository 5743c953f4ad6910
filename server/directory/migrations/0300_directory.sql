CREATE TABLE services (
  service_id BYTES PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) WITHOUT ROWID;

CREATE TABLE locations (
  location_id BYTES PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) WITHOUT ROWID;

-- Where somebody works. Name, role and status belong to the account.
CREATE TABLE people (
  user_id BYTES PRIMARY KEY REFERENCES users (user_id),
  role_title TEXT NOT NULL,
  service_id BYTES NOT NULL REFERENCES services (service_id),
  location_id BYTES NOT NULL REFERENCES locations (location_id)
) WITHOUT ROWID;

-- Whom somebody has checked to be the right person (CH-10).
CREATE TABLE contacts (
  owner_id BYTES NOT NULL REFERENCES users (user_id),
  contact_id BYTES NOT NULL REFERENCES users (user_id),
  confirmed_at BIGINT NOT NULL,
  PRIMARY KEY (owner_id, contact_id)
) WITHOUT ROWID;

-- "Cardiology on call" and the like, and who has the duty when. Where shifts overlap the one that began later counts: a
-- swap is one more row.
CREATE TABLE on_call_roles (
  role_id BYTES PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  service_id BYTES NOT NULL REFERENCES services (service_id)
) WITHOUT ROWID;

CREATE TABLE on_call_shifts (
  shift_id BYTES PRIMARY KEY,
  role_id BYTES NOT NULL REFERENCES on_call_roles (role_id),
  user_id BYTES NOT NULL REFERENCES users (user_id),
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  CHECK (until_at > from_at)
) WITHOUT ROWID;
CREATE INDEX on_call_shifts_until ON on_call_shifts (until_at);
