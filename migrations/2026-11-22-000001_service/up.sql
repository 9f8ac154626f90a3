-- What both databases understand: TEXT, BIGINT, BOOLEAN, CHECK, REFERENCES. Times are milliseconds since 1970 (UTC).

CREATE TABLE seasons (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('official', 'rehearsal', 'demonstration')),
    phase TEXT NOT NULL,
    policy TEXT NOT NULL,
    -- What the season's clock is ahead of the database's; always 0 in an official season.
    clock_offset_ms BIGINT NOT NULL CHECK (kind <> 'official' OR clock_offset_ms = 0),
    version BIGINT NOT NULL
);

-- When forms of a batch are taken in an admission area. closed_at_ms is the recorded end: nothing is accepted after it.
CREATE TABLE windows (
    season TEXT NOT NULL REFERENCES seasons (code),
    stage TEXT NOT NULL CHECK (stage IN ('rehearsal', 'official')),
    batch TEXT NOT NULL,
    area TEXT NOT NULL,
    opens_at_ms BIGINT NOT NULL,
    closes_at_ms BIGINT NOT NULL CHECK (closes_at_ms > opens_at_ms),
    closed_at_ms BIGINT,
    PRIMARY KEY (season, stage, batch, area)
);

-- Acts of two people: proposed by one, approved by another who saw this very content.
CREATE TABLE proposals (
    id TEXT PRIMARY KEY,
    season TEXT NOT NULL REFERENCES seasons (code),
    act TEXT NOT NULL,
    area TEXT,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    approved_by TEXT,
    approved_at_ms BIGINT,
    CHECK (approved_by IS NULL OR approved_by <> proposed_by)
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    season TEXT REFERENCES seasons (code),
    exam_no TEXT,
    school TEXT,
    area TEXT,
    password_hash TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    started_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT,
    stepped_up_at_ms BIGINT
);
CREATE INDEX sessions_of_account ON sessions (account);

CREATE TABLE idempotency_keys (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    -- What the use case answered, as JSON.
    answer TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (at_ms);

-- The audit: chains of lines, each sealing the one before. One chain for offices, several for candidates.
CREATE TABLE audit_heads (
    chain BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    seal TEXT NOT NULL,
    -- Over the three above: cutting the chain's end off takes the key too.
    mac TEXT NOT NULL
);
CREATE TABLE audit_lines (
    chain BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    act TEXT NOT NULL,
    season TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    changes TEXT NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (chain, number)
);
CREATE INDEX audit_lines_by_subject ON audit_lines (season, subject);

-- The sheets of a season folder (formats.md section 3), in its columns and its words.
CREATE TABLE areas (
    season TEXT NOT NULL REFERENCES seasons (code),
    area_code TEXT NOT NULL,
    name TEXT NOT NULL,
    divisions TEXT NOT NULL,
    PRIMARY KEY (season, area_code)
);
CREATE TABLE junior_schools (
    season TEXT NOT NULL REFERENCES seasons (code),
    school_code TEXT NOT NULL,
    name TEXT NOT NULL,
    area_code TEXT NOT NULL,
    ownership TEXT NOT NULL,
    nine_year TEXT NOT NULL,
    graduates TEXT NOT NULL,
    intake TEXT NOT NULL,
    factor TEXT NOT NULL,
    direct TEXT NOT NULL,
    PRIMARY KEY (season, school_code)
);
CREATE TABLE senior_schools (
    season TEXT NOT NULL REFERENCES seasons (code),
    school_code TEXT NOT NULL,
    name TEXT NOT NULL,
    area_code TEXT NOT NULL,
    ownership TEXT NOT NULL,
    high_quality TEXT NOT NULL,
    PRIMARY KEY (season, school_code)
);
CREATE TABLE programmes (
    season TEXT NOT NULL REFERENCES seasons (code),
    programme_code TEXT NOT NULL,
    school_code TEXT NOT NULL,
    name TEXT NOT NULL,
    batch TEXT NOT NULL,
    seats TEXT NOT NULL,
    quota_share TEXT NOT NULL,
    scope TEXT NOT NULL,
    gate_open TEXT NOT NULL,
    gate_quota TEXT NOT NULL,
    quota_base TEXT NOT NULL,
    PRIMARY KEY (season, programme_code)
);
CREATE TABLE quota_overrides (
    season TEXT NOT NULL REFERENCES seasons (code),
    programme_code TEXT NOT NULL,
    junior_code TEXT NOT NULL,
    seats TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (season, programme_code, junior_code)
);
-- id_no and guardian_phone are ciphertext; the *_index columns find a person by keyed hash.
CREATE TABLE candidates (
    -- No reference to seasons here and in scores: PostgreSQL asks for the season once per row, a second in 100,000 rows;
    -- every writer holds the season's own row.
    season TEXT NOT NULL,
    exam_no TEXT NOT NULL,
    name TEXT NOT NULL,
    sex TEXT NOT NULL,
    id_no TEXT NOT NULL,
    id_no_index TEXT NOT NULL,
    junior_code TEXT NOT NULL,
    area_code TEXT NOT NULL,
    register_from TEXT NOT NULL,
    attended TEXT NOT NULL,
    repeat TEXT NOT NULL,
    local TEXT NOT NULL,
    bonus TEXT NOT NULL,
    bonus_reason TEXT NOT NULL,
    quality_grade TEXT NOT NULL,
    flags TEXT NOT NULL,
    class TEXT NOT NULL,
    guardian_phone TEXT NOT NULL,
    guardian_phone_index TEXT NOT NULL,
    PRIMARY KEY (season, exam_no)
);
CREATE INDEX candidates_of_junior ON candidates (season, junior_code, exam_no);
CREATE INDEX candidates_by_id_no ON candidates (season, id_no_index);
CREATE TABLE scores (
    season TEXT NOT NULL,
    exam_no TEXT NOT NULL,
    -- A JSON object: column of scores.csv -> its cell.
    marks TEXT NOT NULL,
    PRIMARY KEY (season, exam_no)
);
