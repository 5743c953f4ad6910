-- Which device certificates were issued: the rows of the device log, a second tree beside the audit log's (ENC-8). The
-- shapes and the reasons are those of 0100; audit_log, audit_sequencer and audit_keys have a row for each log.
--@sqlite
CREATE TABLE device_entries (
  position BIGINT PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE TRIGGER device_entries_are_not_updated BEFORE UPDATE ON device_entries
BEGIN SELECT RAISE(ABORT, 'entries of the device log are not changed'); END;
CREATE TRIGGER device_entries_are_not_deleted BEFORE DELETE ON device_entries
BEGIN SELECT RAISE(ABORT, 'entries of the device log are not deleted'); END;
--@postgres
CREATE TABLE device_entries (
  position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE TABLE device_log_entries (
  position BIGINT PRIMARY KEY,
  entry TEXT NOT NULL
);
CREATE TRIGGER device_log_entries_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON device_log_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
