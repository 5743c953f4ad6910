-- The server's key as external sender of every group (RFC 9420 §12.1.8.1), sealed.
CREATE TABLE external_sender (
  id BIGINT PRIMARY KEY,
  private_key BYTES NOT NULL
);
