-- What past years tell families: the sheet history of a season folder, in its columns and its words.
CREATE TABLE past_lines (
    season TEXT NOT NULL REFERENCES seasons (code),
    year TEXT NOT NULL,
    programme_code TEXT NOT NULL,
    seat TEXT NOT NULL,
    junior_code TEXT NOT NULL,
    seats TEXT NOT NULL,
    taken TEXT NOT NULL,
    last_rank TEXT NOT NULL,
    ranked TEXT NOT NULL,
    PRIMARY KEY (season, year, programme_code, seat, junior_code)
);
-- A candidate reads the rows of nobody's and of her own junior high.
CREATE INDEX past_lines_of_junior ON past_lines (season, junior_code);
-- The last import of a season names the state of its scores; no other line of the record is in this index.
CREATE INDEX audit_lines_of_imports ON audit_lines (season, number) WHERE act = 'commit_import';
