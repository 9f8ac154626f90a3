//! The service as its users meet it: over HTTP, on SQLite and on PostgreSQL.

mod access_matrix;
mod audit;
mod candidates;
mod fuzz;
mod harness;
mod imports;
mod seasons;
