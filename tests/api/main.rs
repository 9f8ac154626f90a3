//! The service as its users meet it: over HTTP, on SQLite and on PostgreSQL.

mod candidates;
mod harness;
mod seasons;
