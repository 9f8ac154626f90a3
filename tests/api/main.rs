//! The service as its users meet it: over HTTP, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod candidates;
mod forms;
mod forms_deadline;
mod forms_walks;
mod harness;
mod notices;
mod seasons;
