-- What has been done, one row for each entry of the audit log, in the canonical form that is the leaf of its Merkle tree.
--@sqlite
-- One writer: the rowid is the order of commits, without gaps, and so the place in the log. Rows are only ever added, and
-- stay as the second copy that the log's files are compared with.
CREATE TABLE audit_entries (
  position BIGINT PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE TRIGGER audit_entries_are_not_updated BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END;
CREATE TRIGGER audit_entries_are_not_deleted BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are not deleted'); END;
--@postgres
-- Many writers: numbers are taken before transactions commit, so that a lower one may appear after a higher one. The rows
-- wait here until the sequencer moves them to their place in the log.
CREATE TABLE audit_entries (
  position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE TABLE audit_log_entries (
  position BIGINT PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE FUNCTION audit_entries_stay() RETURNS TRIGGER LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are neither changed nor deleted'; END $$;
CREATE TRIGGER audit_entries_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
--@both
-- How far the log's files have come: the size and root of the last signed checkpoint.
CREATE TABLE audit_log (
  id BIGINT PRIMARY KEY,
  size BIGINT NOT NULL,
  root BYTES NOT NULL
);
-- Which node writes the log, and until when nobody else may.
CREATE TABLE audit_sequencer (
  id BIGINT PRIMARY KEY,
  holder BYTES NOT NULL,
  until_at BIGINT NOT NULL
);
-- The keys of the log, wrapped by the KMS: "log" signs checkpoints, "patient-reference" makes references to patients.
CREATE TABLE audit_keys (
  name TEXT PRIMARY KEY,
  wrapping_key TEXT NOT NULL,
  wrapped BYTES NOT NULL
);
