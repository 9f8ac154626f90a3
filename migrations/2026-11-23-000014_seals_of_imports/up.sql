-- The seal of the last import names the state of a season's sheets, and every submission asks for it. Behind the changes
-- of a roster, which are megabytes, SQLite walked through all of them to find it; here it stands by itself. The act is
-- among the columns because SQLite looks at it once more.
DROP INDEX audit_lines_of_imports;
CREATE INDEX audit_lines_of_imports ON audit_lines (season, number, act, seal) WHERE act = 'commit_import';
