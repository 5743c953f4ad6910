-- Files of conversations. Their ciphertext lies in the data directory, under its digest; here stands whose it is, and how far.

CREATE TABLE files (
  file_id BYTES PRIMARY KEY,
  conversation_no BIGINT NOT NULL,
  uploader_user BYTES NOT NULL,
  uploader_device BYTES NOT NULL,
  size BIGINT NOT NULL,                -- of the ciphertext, as declared
  sha256 BYTES NOT NULL,               -- of the ciphertext, as declared; verified before it is complete
  begun_at BIGINT NOT NULL,
  completed_at BIGINT                  -- NULL while it is being uploaded
);
CREATE INDEX files_conversation ON files (conversation_no);
CREATE INDEX files_content ON files (sha256);
CREATE INDEX files_pending ON files (uploader_user, begun_at) WHERE completed_at IS NULL;

-- One row: what all files together were declared to take up.
CREATE TABLE file_space (
  id BIGINT PRIMARY KEY,
  bytes BIGINT NOT NULL
);
INSERT INTO file_space (id, bytes) VALUES (1, 0);

-- When a device last began to fetch a file: a fetch in many parts is one entry of the audit log.
CREATE TABLE file_readings (
  file_id BYTES NOT NULL,
  device_id BYTES NOT NULL,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (file_id, device_id)
);
