DROP INDEX audit_lines_of_imports;
CREATE INDEX audit_lines_of_imports ON audit_lines (season, number) WHERE act = 'commit_import';
