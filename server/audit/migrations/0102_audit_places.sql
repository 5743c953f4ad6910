-- On PostgreSQL an entry of a log stays in the row in which it was written, and ranges of rows get their places. Before, each row
-- was moved from one table to another, which cost more than it had cost to write it.
--@postgres
-- Rows [first_position, first_position + entries) of the log's table are its entries from number first_place on, counted from 1.
-- A range only ever grows at its end, and the next one begins where it ends, so that no entry changes its place.
CREATE TABLE audit_places (
  log_id BIGINT NOT NULL,
  first_place BIGINT NOT NULL,
  first_position BIGINT NOT NULL,
  entries BIGINT NOT NULL CHECK (entries > 0),
  PRIMARY KEY (log_id, first_place),
  UNIQUE (log_id, first_position)
);
CREATE FUNCTION audit_places_grow() RETURNS TRIGGER LANGUAGE plpgsql AS
$$ BEGIN
  IF NEW.log_id <> OLD.log_id OR NEW.first_place <> OLD.first_place OR NEW.first_position <> OLD.first_position
     OR NEW.entries < OLD.entries THEN
    RAISE EXCEPTION 'audit entries keep their places';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_places_only_grow BEFORE UPDATE ON audit_places FOR EACH ROW EXECUTE FUNCTION audit_places_grow();
CREATE TRIGGER audit_places_are_not_deleted BEFORE DELETE OR TRUNCATE ON audit_places
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();

-- What has a place keeps it; what waits for one comes behind.
INSERT INTO audit_places (log_id, first_place, first_position, entries)
SELECT 1, 1, 1, COUNT(*) FROM audit_log_entries HAVING COUNT(*) > 0;
ALTER TABLE audit_log_entries ALTER COLUMN position ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('audit_log_entries', 'position'), MAX(position)) FROM audit_log_entries HAVING COUNT(*) > 0;
INSERT INTO audit_log_entries (entry) SELECT entry FROM audit_entries ORDER BY position;
DROP TABLE audit_entries;
ALTER TABLE audit_log_entries RENAME TO audit_entries;
ALTER INDEX audit_log_entries_pkey RENAME TO audit_entries_pkey;

INSERT INTO audit_places (log_id, first_place, first_position, entries)
SELECT 2, 1, 1, COUNT(*) FROM device_log_entries HAVING COUNT(*) > 0;
ALTER TABLE device_log_entries ALTER COLUMN position ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('device_log_entries', 'position'), MAX(position)) FROM device_log_entries HAVING COUNT(*) > 0;
INSERT INTO device_log_entries (entry) SELECT entry FROM device_entries ORDER BY position;
DROP TABLE device_entries;
ALTER TABLE device_log_entries RENAME TO device_entries;
ALTER INDEX device_log_entries_pkey RENAME TO device_entries_pkey;
ALTER TRIGGER device_log_entries_are_not_changed ON device_entries RENAME TO device_entries_are_not_changed;
