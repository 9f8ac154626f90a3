-- A season admits to senior highs or to compulsory schools (an entry); what went before was all senior highs.
ALTER TABLE seasons ADD COLUMN admission TEXT NOT NULL DEFAULT 'senior_high';
-- The sheets of an entry, one row each: cells as JSON by the sheet's columns. Names, ID numbers and phones of its
-- children stand in candidates and nowhere else.
CREATE TABLE entry_rows (
    season TEXT NOT NULL REFERENCES seasons (code),
    sheet TEXT NOT NULL,
    code TEXT NOT NULL,
    -- The row's place in its sheet.
    place BIGINT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (season, sheet, code)
);
