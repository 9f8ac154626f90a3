-- Which key file the database belongs to: one row, written when a service first opens it.
CREATE TABLE key_fingerprints (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    fingerprint TEXT NOT NULL
);
