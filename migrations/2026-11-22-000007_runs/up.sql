-- Acts of several people, the freeze, runs, and what is published.

-- The junior high a proposal concerns, where it concerns one; and every name that stands under it.
ALTER TABLE proposals ADD COLUMN junior TEXT;
CREATE TABLE signatures (
    proposal TEXT NOT NULL REFERENCES proposals (id),
    account TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    -- SHA-256 of the content that was seen.
    content_hash TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (proposal, account)
);
-- Who handed out the password last: whoever did could log in as this account, so the two are one signature.
ALTER TABLE accounts ADD COLUMN access_from TEXT NOT NULL DEFAULT '';

-- Who holds a part of the key under which results lie until they are published; recipient is an age public key.
CREATE TABLE key_holders (
    season TEXT NOT NULL REFERENCES seasons (code),
    number BIGINT NOT NULL CHECK (number BETWEEN 1 AND 3),
    name TEXT NOT NULL,
    recipient TEXT NOT NULL,
    PRIMARY KEY (season, number)
);

-- Sources of the seed of all lots: named before the freeze, told after it.
CREATE TABLE seed_parts (
    season TEXT NOT NULL REFERENCES seasons (code),
    source TEXT NOT NULL,
    -- SHA-256 of the secret, of a source that has one; NULL of what happens in public.
    commitment TEXT,
    -- The text, once it is told.
    revealed TEXT,
    PRIMARY KEY (season, source)
);

-- The seats of every junior high as they were published, with the proof of every number.
CREATE TABLE quota_publications (
    season TEXT PRIMARY KEY REFERENCES seasons (code),
    quota_hash TEXT NOT NULL,
    cells TEXT NOT NULL,
    proof TEXT NOT NULL,
    page TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- The lists as they were signed off; one row per round.
CREATE TABLE freezes (
    season TEXT NOT NULL REFERENCES seasons (code),
    round BIGINT NOT NULL CHECK (round > 0),
    list_hash TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    candidates BIGINT NOT NULL,
    forms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (season, round)
);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    season TEXT NOT NULL REFERENCES seasons (code),
    round BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('official', 'trial')),
    -- Another policy that a trial compares with; '' for the season's own.
    policy TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'done', 'refused', 'dropped')),
    requested_by TEXT NOT NULL,
    requested_at_ms BIGINT NOT NULL,
    finished_at_ms BIGINT,
    input_hash TEXT NOT NULL,
    root TEXT NOT NULL,
    leaves_root TEXT NOT NULL,
    -- Counts, as JSON; breaches as a JSON array.
    summary TEXT NOT NULL,
    breaches TEXT NOT NULL,
    -- The parts of the key, each sealed to its holder, as a JSON array.
    key_parts TEXT NOT NULL
);
-- Of an official run of a round only one can stand.
CREATE UNIQUE INDEX one_official_run ON runs (season, round) WHERE kind = 'official' AND state IN ('queued', 'done');

-- Which instance works on a run, and until when unless it says so again.
CREATE TABLE run_leases (
    run TEXT PRIMARY KEY REFERENCES runs (id),
    owner TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);

-- What a run said about how far it is.
CREATE TABLE run_events (
    run TEXT NOT NULL REFERENCES runs (id),
    number BIGINT NOT NULL,
    stage TEXT NOT NULL,
    size BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (run, number)
);

-- The result, packed and sealed under a key that nobody has alone.
CREATE TABLE run_files (
    run TEXT NOT NULL REFERENCES runs (id),
    path TEXT NOT NULL,
    number BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (run, path, number)
);

CREATE TABLE publications (
    season TEXT NOT NULL REFERENCES seasons (code),
    round BIGINT NOT NULL,
    run TEXT NOT NULL REFERENCES runs (id),
    root TEXT NOT NULL,
    leaves_root TEXT NOT NULL,
    -- The result's key, now sealed under the installation's own.
    result_key TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (season, round)
);
