//! The service as its users meet it: over HTTP, on SQLite and on PostgreSQL.

mod access_matrix;
mod audit;
mod candidates;
mod command_line;
mod fuzz;
mod harness;
mod imports;
mod operation;
mod seasons;
