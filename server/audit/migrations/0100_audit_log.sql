-- What has been done, in the order in which it was committed. Only ever added to: the sequencer reads from here by cursor,
-- and the rows stay as the second copy that the log's files are compared with.
--@sqlite
-- One writer: the rowid is the order of commits, without gaps.
CREATE TABLE audit_entries (
  position BIGINT PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE TRIGGER audit_entries_are_not_updated BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END;
CREATE TRIGGER audit_entries_are_not_deleted BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are not deleted'); END;
--@postgres
-- Many writers: a position is taken before its transaction commits, so rows can appear before rows that are already
-- there. Ordered by transaction first, everything below the oldest running transaction is settled for good.
CREATE TABLE audit_entries (
  tx XID8 NOT NULL DEFAULT pg_current_xact_id(),
  position BIGINT GENERATED ALWAYS AS IDENTITY,
  entry TEXT NOT NULL,
  PRIMARY KEY (tx, position)
);
CREATE FUNCTION audit_entries_stay() RETURNS TRIGGER LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are neither changed nor deleted'; END $$;
CREATE TRIGGER audit_entries_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
--@both
-- How far the log has come: its size and root, and the row of its last entry.
CREATE TABLE audit_log (
  id BIGINT PRIMARY KEY,
  size BIGINT NOT NULL,
  root BYTES NOT NULL,
  tx BIGINT NOT NULL,
  position BIGINT NOT NULL
);
-- Which node writes the log, and until when nobody else may.
CREATE TABLE audit_sequencer (
  id BIGINT PRIMARY KEY,
  holder BYTES NOT NULL,
  until_at BIGINT NOT NULL
);
