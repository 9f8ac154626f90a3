DROP TABLE entry_rows;
ALTER TABLE seasons DROP COLUMN admission;
