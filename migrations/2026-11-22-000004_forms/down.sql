DROP TABLE outbox;
DROP TABLE confirmations;
DROP TABLE form_versions;
DROP TABLE drafts;
