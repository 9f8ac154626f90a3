-- Files that offices send, what the check said of them, and whether they were committed.
-- report and the parts' content are ciphertext; checked_hash binds the file to what it was checked against.
CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    season TEXT NOT NULL REFERENCES seasons (code),
    kind TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    checked_hash TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    fault_count BIGINT NOT NULL,
    report TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at_ms BIGINT NOT NULL,
    committed_by TEXT,
    committed_at_ms BIGINT,
    CHECK (committed_at_ms IS NULL OR fault_count = 0)
);
CREATE INDEX imports_of_season ON imports (season, id);
CREATE TABLE import_parts (
    import TEXT NOT NULL REFERENCES imports (id),
    number BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (import, number)
);
