-- Preference forms. Choices are a JSON array of programme codes, best first; '' is a blank slot.

-- Drafts: their owner's alone; nothing of them counts.
CREATE TABLE drafts (
    season TEXT NOT NULL REFERENCES seasons (code),
    exam_no TEXT NOT NULL,
    batch TEXT NOT NULL,
    name TEXT NOT NULL,
    choices TEXT NOT NULL,
    version BIGINT NOT NULL,
    saved_at_ms BIGINT NOT NULL,
    PRIMARY KEY (season, exam_no, batch, name)
);

-- Submitted versions: rows are only ever added, the highest version of a stage counts.
CREATE TABLE form_versions (
    season TEXT NOT NULL REFERENCES seasons (code),
    stage TEXT NOT NULL CHECK (stage IN ('rehearsal', 'official')),
    exam_no TEXT NOT NULL,
    batch TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    at_ms BIGINT NOT NULL,
    choices TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    receipt TEXT NOT NULL,
    PRIMARY KEY (season, stage, exam_no, batch, version)
);
CREATE INDEX form_versions_by_receipt ON form_versions (receipt);

-- The signed form (志愿确认表), recorded by the school against the version it was printed from.
CREATE TABLE confirmations (
    season TEXT NOT NULL REFERENCES seasons (code),
    stage TEXT NOT NULL CHECK (stage IN ('rehearsal', 'official')),
    exam_no TEXT NOT NULL,
    batch TEXT NOT NULL,
    version BIGINT NOT NULL,
    hash TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (season, stage, exam_no, batch, version)
);

-- Notices of changes, written with the change itself. They hold no phone: it is read when a message is sent.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    season TEXT NOT NULL REFERENCES seasons (code),
    exam_no TEXT NOT NULL,
    recipient TEXT NOT NULL CHECK (recipient IN ('candidate', 'guardian')),
    text TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    -- When it may be tried next; a relay that takes it moves this on, so that no other takes it too.
    due_at_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    fault TEXT NOT NULL
);
CREATE INDEX outbox_by_due ON outbox (state, due_at_ms);
CREATE INDEX outbox_of_candidate ON outbox (season, exam_no, created_at_ms);
