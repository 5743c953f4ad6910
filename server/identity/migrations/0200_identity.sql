-- One row per person, for ever: ids are never used again (IAM-1, 45 CFR 164.312(a)(2)(i)).
CREATE TABLE users (
  user_id BYTES PRIMARY KEY,
  username_index BYTES NOT NULL UNIQUE,
  username BYTES NOT NULL,
  name BYTES NOT NULL,
  password BYTES NOT NULL,
  role TEXT NOT NULL,
  employment TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Handed over on paper; stands in for the second factor once.
CREATE TABLE activation_codes (
  code_index BYTES PRIMARY KEY,
  user_id BYTES NOT NULL REFERENCES users (user_id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX activation_codes_user ON activation_codes (user_id);

-- Second factors: kind 'webauthn' has the credential, kind 'totp' the secret.
CREATE TABLE factors (
  factor_id BYTES PRIMARY KEY,
  user_id BYTES NOT NULL REFERENCES users (user_id),
  kind TEXT NOT NULL,
  name BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  credential_id BYTES UNIQUE,
  algorithm BIGINT,
  public_key BYTES,
  sign_count BIGINT,
  totp_secret BYTES,
  totp_step BIGINT
) WITHOUT ROWID;
CREATE INDEX factors_user ON factors (user_id);

-- A sign-in between the password and the second factor. The id is known to the browser alone; here stands its hash.
CREATE TABLE sign_ins (
  sign_in_hash BYTES PRIMARY KEY,
  user_id BYTES NOT NULL REFERENCES users (user_id),
  address_index BYTES NOT NULL,
  challenge BYTES NOT NULL,
  activation_index BYTES,
  failures BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_ins_user ON sign_ins (user_id);

-- What a begun enrolment of a factor must be answered with. The owner is a sign-in's hash or a session.
CREATE TABLE pending_enrolments (
  owner BYTES PRIMARY KEY,
  kind TEXT NOT NULL,
  challenge BYTES,
  totp_secret BYTES,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Failed attempts per account, per address and per pair of both, by keyed hash.
CREATE TABLE sign_in_attempts (
  attempt_index BYTES PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  succeeded_at BIGINT
) WITHOUT ROWID;

CREATE TABLE devices (
  device_id BYTES PRIMARY KEY,
  user_id BYTES NOT NULL REFERENCES users (user_id),
  name BYTES NOT NULL,
  signature_key BYTES NOT NULL UNIQUE,
  certificate BYTES NOT NULL,
  storage_share BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  revoked_at BIGINT
) WITHOUT ROWID;
CREATE INDEX devices_user ON devices (user_id);

CREATE TABLE sessions (
  session_id BYTES PRIMARY KEY,
  token_hash BYTES NOT NULL UNIQUE,
  user_id BYTES NOT NULL REFERENCES users (user_id),
  device_id BYTES REFERENCES devices (device_id),
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_device ON sessions (device_id);

CREATE TABLE session_challenges (
  challenge_hash BYTES PRIMARY KEY,
  session_id BYTES NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_challenges_session ON session_challenges (session_id);

-- The organisation's device CA.
CREATE TABLE device_authority (
  authority_id BIGINT PRIMARY KEY,
  certificate BYTES NOT NULL,
  private_key BYTES NOT NULL,
  created_at BIGINT NOT NULL
);
