-- The areas of a run under way, each explained, packed and sealed by whichever instance takes it.
CREATE TABLE run_areas (
    run TEXT NOT NULL REFERENCES runs (id),
    area BIGINT NOT NULL,
    -- Of the lease under which the area is offered.
    attempt BIGINT NOT NULL,
    candidates BIGINT NOT NULL,
    -- Who works on it, and until when unless it says so again; '' and 0 while nobody does.
    owner TEXT NOT NULL,
    until_ms BIGINT NOT NULL,
    -- The salted hashes of its leaves in base64; '' until it is done.
    hashes TEXT NOT NULL,
    PRIMARY KEY (run, area)
);

-- Instances that help with a run under way, and the key of its result, sealed to each of them.
CREATE TABLE key_requests (
    run TEXT NOT NULL REFERENCES runs (id),
    instance TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    public_key TEXT NOT NULL,
    -- Only who has the installation's key file can say that the public key is an instance's.
    mac TEXT NOT NULL,
    -- '' until it is given, '-' when it is refused.
    result_key TEXT NOT NULL,
    PRIMARY KEY (run, instance)
);
