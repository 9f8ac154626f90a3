DROP TABLE enrolments;
DROP TABLE ledger_entries;
DROP TABLE objections;
