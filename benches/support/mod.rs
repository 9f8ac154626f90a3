//! What the benches of the service share: a staged city on a fresh database, one HTTP connection, figures.
//!
//! Each bench uses some of it.
#![allow(dead_code, reason = "shared by benches that each use a part")]

pub(crate) mod bare;
pub(crate) mod connection;
pub(crate) mod figures;
pub(crate) mod roster_season;
pub(crate) mod rows;
pub(crate) mod server;
pub(crate) mod staged_city;
pub(crate) mod staged_run;
pub(crate) mod stages;
pub(crate) mod submitters;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
