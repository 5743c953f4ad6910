-- Keys that seal columns and files, wrapped by a key of the KMS. To delete a row is to delete what the key sealed.
CREATE TABLE data_keys (
  id BIGINT PRIMARY KEY,
  purpose TEXT NOT NULL,
  scope BYTES NOT NULL,
  wrapped BYTES NOT NULL,
  wrapping_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  retired_at BIGINT
);
-- At most one key of a purpose and scope seals; the retired ones still open.
CREATE UNIQUE INDEX data_keys_sealing ON data_keys (purpose, scope) WHERE retired_at IS NULL;
CREATE INDEX data_keys_wrapping ON data_keys (wrapping_key);
