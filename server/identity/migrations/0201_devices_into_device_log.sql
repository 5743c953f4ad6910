-- The devices that were registered before there was a device log, in the order of their registration. The text is that of
-- lib/transparency/entry.h; from here on each registration writes its own entry.
--@sqlite
INSERT INTO device_entries (entry)
SELECT '{"v":1,"id":"' || lower(substr(hex(device_id), 1, 8) || '-' || substr(hex(device_id), 9, 4) || '-' || substr(hex(device_id), 13, 4)
  || '-' || substr(hex(device_id), 17, 4) || '-' || substr(hex(device_id), 21, 12))
  || '","user":"' || lower(substr(hex(user_id), 1, 8) || '-' || substr(hex(user_id), 9, 4) || '-' || substr(hex(user_id), 13, 4)
  || '-' || substr(hex(user_id), 17, 4) || '-' || substr(hex(user_id), 21, 12))
  || '","certificate":"' || lower(hex(certificate)) || '"}'
FROM devices ORDER BY created_at, device_id;
--@postgres
INSERT INTO device_entries (entry)
SELECT '{"v":1,"id":"' || substr(encode(device_id, 'hex'), 1, 8) || '-' || substr(encode(device_id, 'hex'), 9, 4) || '-'
  || substr(encode(device_id, 'hex'), 13, 4) || '-' || substr(encode(device_id, 'hex'), 17, 4) || '-' || substr(encode(device_id, 'hex'), 21, 12)
  || '","user":"' || substr(encode(user_id, 'hex'), 1, 8) || '-' || substr(encode(user_id, 'hex'), 9, 4) || '-'
  || substr(encode(user_id, 'hex'), 13, 4) || '-' || substr(encode(user_id, 'hex'), 17, 4) || '-' || substr(encode(user_id, 'hex'), 21, 12)
  || '","certificate":"' || encode(certificate, 'hex') || '"}'
FROM devices ORDER BY created_at, device_id;
