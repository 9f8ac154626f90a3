-- Before and after the result: objections, the ledger, who came.

CREATE TABLE objections (
    id TEXT PRIMARY KEY,
    season TEXT NOT NULL REFERENCES seasons (code),
    about TEXT NOT NULL CHECK (about IN ('eligibility', 'quota')),
    subject TEXT NOT NULL,
    junior TEXT,
    senior TEXT,
    area TEXT,
    filed_by TEXT NOT NULL,
    text TEXT NOT NULL,
    filed_at_ms BIGINT NOT NULL,
    answered_by TEXT,
    answer TEXT,
    answered_at_ms BIGINT
);

-- What differs from the published result; rows are only ever added.
CREATE TABLE ledger_entries (
    season TEXT NOT NULL REFERENCES seasons (code),
    number BIGINT NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('correction', 'override')),
    exam_no TEXT NOT NULL,
    from_programme TEXT NOT NULL,
    to_programme TEXT NOT NULL,
    seat TEXT NOT NULL,
    authority TEXT NOT NULL,
    reason TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (season, number)
);

CREATE TABLE enrolments (
    season TEXT NOT NULL REFERENCES seasons (code),
    exam_no TEXT NOT NULL,
    school_code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('enrolled', 'no_show')),
    reported_by TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (season, exam_no)
);
