-- Conversations, who is in them, and their logs. Content is MLS ciphertext; the bodies are sealed once more.

CREATE TABLE conversations (
  conversation_no BIGINT PRIMARY KEY,  -- narrow, for the indexes below
  conversation_id BYTES NOT NULL UNIQUE,
  kind BIGINT NOT NULL,                -- 1 direct, 2 group
  state BIGINT NOT NULL,               -- 1 active, 2 closed
  cipher_suite BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BYTES NOT NULL,
  creation_digest BYTES NOT NULL,      -- SHA-256 of the bundle that made it: a retry is recognised by it
  patient_id BYTES,
  matched_on TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  version BIGINT NOT NULL,             -- counts every change of epoch, membership and state
  last_sequence BIGINT NOT NULL
);

-- The MLS group of the current epoch: the GroupInfo that joiners get, and the public state that the server follows.
CREATE TABLE conversation_groups (
  conversation_no BIGINT PRIMARY KEY,
  epoch BIGINT NOT NULL,
  group_info BYTES NOT NULL,
  public_state BYTES NOT NULL
);

CREATE TABLE conversation_members (
  conversation_no BIGINT NOT NULL,
  user_id BYTES NOT NULL,
  joined_sequence BIGINT NOT NULL,
  left_sequence BIGINT,                -- NULL while a member
  delivered BIGINT NOT NULL,
  read BIGINT NOT NULL,
  acknowledged BIGINT NOT NULL,
  PRIMARY KEY (conversation_no, user_id)
);
CREATE INDEX conversation_members_user ON conversation_members (user_id, conversation_no);

CREATE TABLE conversation_devices (
  conversation_no BIGINT NOT NULL,
  device_id BYTES NOT NULL,
  user_id BYTES NOT NULL,
  leaf_index BIGINT NOT NULL,
  joined_sequence BIGINT NOT NULL,     -- the commit that added it: it sees what comes after
  removed_sequence BIGINT,             -- the commit that removed it: it sees up to there
  removal_pending BOOLEAN NOT NULL,    -- proposed by the server: it gets nothing more, and a commit is due
  delivered BIGINT NOT NULL,
  read BIGINT NOT NULL,
  acknowledged BIGINT NOT NULL,
  PRIMARY KEY (conversation_no, device_id)
);
CREATE INDEX conversation_devices_device ON conversation_devices (device_id, conversation_no);

-- Append-only. No key of its own: rows lie in the order of writing, and both indexes are appended to.
CREATE TABLE conversation_log (
  conversation_no BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  kind BIGINT NOT NULL,                -- 1 message, 2 commit, 3 proposal
  sender_user BYTES,                   -- NULL: the server
  sender_device BYTES,
  epoch BIGINT NOT NULL,
  stored_at BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  needs_acknowledgement BOOLEAN NOT NULL,
  idempotency_id BYTES NOT NULL,
  body BYTES NOT NULL
);
CREATE UNIQUE INDEX conversation_log_order ON conversation_log (conversation_no, sequence);
CREATE UNIQUE INDEX conversation_log_retry ON conversation_log (sender_device, idempotency_id);

-- A Welcome for several devices is stored once; each device deletes its row after joining.
CREATE TABLE welcome_bundles (
  bundle_no BIGINT PRIMARY KEY,
  conversation_no BIGINT NOT NULL,
  sequence BIGINT NOT NULL,            -- of the commit that it belongs to
  created_at BIGINT NOT NULL,
  welcome BYTES NOT NULL,
  ratchet_tree BYTES NOT NULL
);
CREATE TABLE welcomes (
  welcome_id BYTES PRIMARY KEY,
  device_id BYTES NOT NULL,
  bundle_no BIGINT NOT NULL
);
CREATE INDEX welcomes_device ON welcomes (device_id);

CREATE TABLE key_packages (
  key_package_id BYTES PRIMARY KEY,
  device_id BYTES NOT NULL,
  user_id BYTES NOT NULL,
  last_resort BOOLEAN NOT NULL,
  expires_at BIGINT NOT NULL,
  key_package BYTES NOT NULL
);
CREATE INDEX key_packages_device ON key_packages (device_id, last_resort, key_package_id);
