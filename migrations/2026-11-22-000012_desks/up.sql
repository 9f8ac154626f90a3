-- What offices bring to the desks of an entry after admission, a file each; what a desk gives is never stored.
CREATE TABLE desk_files (
    season TEXT NOT NULL REFERENCES seasons (code),
    desk TEXT NOT NULL,
    -- The entry as a whole, or a stage and a school.
    subject TEXT NOT NULL,
    file TEXT NOT NULL,
    -- Sealed: the files hold personal numbers.
    content TEXT NOT NULL,
    -- Keyed, so that nobody can try out contents.
    content_index TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    PRIMARY KEY (season, desk, subject, file)
);
