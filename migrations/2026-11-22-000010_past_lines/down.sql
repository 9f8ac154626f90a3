DROP INDEX audit_lines_of_imports;
DROP TABLE past_lines;
