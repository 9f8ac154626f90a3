-- What an account shows beside its password. The secrets of authenticator apps are ciphertext; the cells of a grid
-- card are nowhere, they come from the key, the account and the serial.
CREATE TABLE second_factors (
    account TEXT PRIMARY KEY REFERENCES accounts (id),
    totp_secret TEXT,
    -- Waits for its first right code.
    totp_offered TEXT,
    -- 0: no valid card.
    card_serial BIGINT NOT NULL,
    -- Raised to make every known device a stranger again.
    device_epoch BIGINT NOT NULL
);

-- What was shown already and is never accepted again. Not audited: it moves with every log-in.
CREATE TABLE factor_uses (
    account TEXT PRIMARY KEY REFERENCES accounts (id),
    totp_last_step BIGINT NOT NULL,
    card_serial BIGINT NOT NULL,
    card_next BIGINT NOT NULL
);

-- Each good for one refresh; digests only. A used one that comes again ends its session.
CREATE TABLE refresh_tokens (
    digest TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id),
    issued_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT
);

-- Guesses that were wrong or are not known to be right yet; what was typed as a login stands here only as keyed hash.
CREATE TABLE login_attempts (
    id TEXT PRIMARY KEY,
    login_key TEXT NOT NULL,
    bucket TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX login_attempts_of_bucket ON login_attempts (login_key, bucket, at_ms);
CREATE INDEX login_attempts_by_age ON login_attempts (bucket, at_ms);

-- Limits of system tokens; the token itself is a session.
CREATE TABLE system_tokens (
    session TEXT PRIMARY KEY REFERENCES sessions (id),
    account TEXT NOT NULL REFERENCES accounts (id),
    label TEXT NOT NULL,
    -- Operation ids, space between.
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL
);
