--@sqlite
-- Ids first: they begin with the time (UUID version 7), so that what all devices send goes to the end of the index. With
-- the device first, every device of a batch dirtied a page of its own. PostgreSQL keeps that order: nodes that write
-- beside each other must not meet on one page, where its serialisable transactions would fail each other.
DROP INDEX conversation_log_retry;
CREATE UNIQUE INDEX conversation_log_retry ON conversation_log (idempotency_id, sender_device);
