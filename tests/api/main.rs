//! The service as its users meet it: over HTTP, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access_matrix;
mod accounts;
mod audit;
mod backup;
mod canary;
mod candidates;
mod ceremony;
mod command_line;
mod data_out;
mod desks;
mod entries;
mod forms;
mod forms_deadline;
mod forms_walks;
mod fuzz;
mod gate;
mod guidance;
mod harness;
mod imports;
mod key_file;
mod ledger;
mod notices;
mod operation;
mod overload;
mod page_junk;
mod proof;
mod quota;
mod registers;
mod results;
mod school_screens;
mod seasons;
mod shared_runs;
mod take_over;
mod whole_season;
