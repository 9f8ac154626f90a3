//! The service as its users meet it: over HTTP, on SQLite and on PostgreSQL.

mod audit;
mod candidates;
mod harness;
mod seasons;
